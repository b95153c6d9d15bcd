"""Customers whom the shop knows before they have ever signed in here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db.models.functions import Lower

from accounts.models import User
from accounts.proving import forget_unproven_password


def find_customers(emails: Collection[str]) -> dict[str, User]:
    """The people with these addresses, whatever the case, by their address in lower case."""
    wanted = [email.lower() for email in emails]
    people = User.objects.annotate(lowered=Lower("email")).filter(lowered__in=wanted)
    return {user.email.lower(): user for user in people}


def adopt_customers(emails: Collection[str]) -> dict[str, User]:
    """`find_customers` for whom the shop vouches by an order.

    A password that was left on an address before anybody proved it is taken off.
    """
    found = find_customers(emails)
    proven = EmailAddress.objects.filter(user__in=found.values(), verified=True)
    known = set(proven.values_list("user_id", flat=True))
    for user in found.values():
        if user.pk not in known:
            forget_unproven_password(user)
    return found


def add_customers(names: Mapping[str, str], *, now: datetime) -> list[User]:
    """Add customers by address and name; who is there already stays as they are.

    They have no password. The address counts as unverified until an emailed code, or a
    password reset, proves that it is theirs.
    """
    there = find_customers(names)
    missing = {email.lower(): name for email, name in names.items() if email.lower() not in there}
    User.objects.bulk_create(
        [
            User(email=email, display_name=name, password=make_password(None), date_joined=now)
            for email, name in sorted(missing.items())
        ],
        # Somebody may sign up at this very moment.
        ignore_conflicts=True,
    )
    added = list(adopt_customers(missing).values())
    EmailAddress.objects.bulk_create(
        [EmailAddress(user=user, email=user.email, primary=True) for user in added],
        ignore_conflicts=True,
    )
    return added
