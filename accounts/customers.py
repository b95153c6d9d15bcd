"""Customers whom the shop knows before they have signed in to the portal."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db.models.functions import Lower

from accounts.models import User
from accounts.proving import forget_unproven_password


def find_customers(emails: Collection[str]) -> dict[str, User]:
    """Return the people with these addresses, by address in lower case; case doesn't matter."""
    wanted = [email.lower() for email in emails]
    people = User.objects.annotate(lowered=Lower("email")).filter(lowered__in=wanted)
    return {user.email.lower(): user for user in people}


def adopt_customers(emails: Collection[str]) -> dict[str, User]:
    """Return `find_customers(emails)` after removing the passwords of unproven addresses.

    The caller has an order of the shop, which vouches for the address. Until then anyone could
    have signed up with it and set a password.
    """
    found = find_customers(emails)
    proven = EmailAddress.objects.filter(user__in=found.values(), verified=True)
    known = set(proven.values_list("user_id", flat=True))
    for user in found.values():
        if user.pk not in known:
            forget_unproven_password(user)
    return found


def add_customers(names: Mapping[str, str], *, now: datetime) -> list[User]:
    """Add the customers who don't exist yet, by address and name, and return them.

    They have no password. The address counts as unverified until an emailed code, or a password
    reset, proves that it is theirs.
    """
    there = find_customers(names)
    missing = {email.lower(): name for email, name in names.items() if email.lower() not in there}
    User.objects.bulk_create(
        [
            User(email=email, display_name=name, password=make_password(None), date_joined=now)
            for email, name in sorted(missing.items())
        ],
        # Someone may sign up with the same address at this moment.
        ignore_conflicts=True,
    )
    added = list(adopt_customers(missing).values())
    EmailAddress.objects.bulk_create(
        [EmailAddress(user=user, email=user.email, primary=True) for user in added],
        ignore_conflicts=True,
    )
    return added
