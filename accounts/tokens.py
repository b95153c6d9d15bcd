"""Tokens with which people's programs sign in: made, revoked, and known again."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import ApiToken, User

PREFIX: Final = "esimpy_"
MOST_TOKENS: Final = 10
"""That one person has at a time."""
TOLD_EVERY: Final = timedelta(minutes=1)


@transaction.atomic(durable=True)
def make_token(
    *, owner: User, name: str, scopes: Collection[str], now: datetime
) -> tuple[ApiToken, str]:
    """A new token, and what the program sends, which is told this once.

    Raises `ValidationError`: `tokens` when there are too many, `scopes` without one that is known,
    `name` without one.
    """
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)
    if live_tokens(owner).count() >= MOST_TOKENS:
        raise ValidationError(
            "You have %(most)s tokens, which is the most. Revoke one that you don't need.",
            code="tokens",
            params={"most": MOST_TOKENS},
        )
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(
        owner=owner,
        name=" ".join(name.split()),
        beginning=secret[: len(PREFIX) + 4],
        digest=_digest(secret),
        scopes=sorted(set(scopes)),
        made_at=now,
    )
    token.full_clean(validate_constraints=False)
    token.save()
    return token, secret


@transaction.atomic(durable=True)
def revoke_token(*, token_id: int, by: User, now: datetime) -> ApiToken | None:
    """Never take this token again; nothing for one that isn't theirs. Twice changes nothing."""
    token = ApiToken.objects.select_for_update().filter(pk=token_id, owner=by).first()
    if token and token.revoked_at is None:
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
    return token


def find_token(secret: str, *, now: datetime) -> ApiToken | None:
    """The live token that this is, of somebody who may sign in; notes that it is used."""
    tokens = ApiToken.objects.select_related("owner").filter(
        digest=_digest(secret), revoked_at__isnull=True, owner__is_active=True
    )
    token = tokens.first()
    if token and (token.last_used_at is None or token.last_used_at < now - TOLD_EVERY):
        # Whoever revokes it at this moment has the last word.
        ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(last_used_at=now)
    return token


def live_tokens(owner: User) -> QuerySet[ApiToken]:
    return owner.api_tokens.filter(revoked_at__isnull=True)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
