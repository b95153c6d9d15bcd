"""Links that an operator has printed (`manage.py signin`), by which one person signs in once."""

from __future__ import annotations

import hashlib
import logging
import secrets
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import SignInLink, User

LIVES: Final = timedelta(minutes=15)

log = logging.getLogger(__name__)


class CannotSignInError(Exception):
    """The reason why nobody with this address can sign in, for the operator."""


@transaction.atomic(durable=True)
def make_link(*, email: str, now: datetime) -> str:
    """Return the secret of a new link for the person with this address.

    Raises `CannotSignInError` for an unknown address or an inactive person.
    """
    try:
        person = User.objects.get_by_natural_key(email)
    except User.DoesNotExist:
        raise CannotSignInError("Nobody has this address.") from None
    if not person.is_active:
        raise CannotSignInError("This person is not active.")
    secret = secrets.token_urlsafe(32)
    SignInLink.objects.create(
        user=person,
        address=person.email,
        digest=_digest(secret),
        made_at=now,
        expires_at=now + LIVES,
    )
    log.warning("A sign-in link for user %s was made by manage.py signin.", person.pk)
    return secret


def find_link(secret: str, *, now: datetime) -> SignInLink | None:
    """Return the link if it still lets its person in, who may have another address by now."""
    links = SignInLink.objects.select_related("user").filter(
        digest=_digest(secret), used_at__isnull=True, expires_at__gt=now, user__is_active=True
    )
    link = links.first()
    return link if link and link.address == link.user.email else None


@transaction.atomic(durable=True)
def use_link(secret: str, *, now: datetime) -> User | None:
    """Use the link up and return its person; None if it lets nobody in any more."""
    link = find_link(secret, now=now)
    if link is None:
        return None
    # Two requests may come at once; only one of them changes the row.
    if not _unused(link).update(used_at=now):
        return None
    log.warning("User %s signs in by a link of manage.py signin.", link.user_id)
    return link.user


def _unused(link: SignInLink) -> QuerySet[SignInLink]:
    return SignInLink.objects.filter(pk=link.pk, used_at__isnull=True)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
