"""The tokens with which people's programs sign in: create, revoke and find them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import ApiToken, User

PREFIX: Final = "esimpy_"
MOST_TOKENS: Final = 10
"""The most live tokens that one person can have."""
TOLD_EVERY: Final = timedelta(minutes=1)


@transaction.atomic(durable=True)
def make_token(
    *, owner: User, name: str, scopes: Collection[str], now: datetime
) -> tuple[ApiToken, str]:
    """Create a token; return it and its secret, which can't be read later.

    Raises `ValidationError` with code `tokens` when the owner has too many, or for the fields
    `scopes` and `name` when they are empty or unknown.
    """
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)
    if live_tokens(owner).count() >= MOST_TOKENS:
        raise ValidationError(
            _("You already have %(most)s tokens, the maximum. Revoke one that you don't need."),
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
    """Revoke a token of `by` and return it; None for someone else's. A repeat changes nothing."""
    token = ApiToken.objects.select_for_update().filter(pk=token_id, owner=by).first()
    if token and token.revoked_at is None:
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
    return token


def find_token(secret: str, *, now: datetime) -> ApiToken | None:
    """Return the live token with this secret if its owner may sign in, and record its use."""
    tokens = ApiToken.objects.select_related("owner").filter(
        digest=_digest(secret), revoked_at__isnull=True, owner__is_active=True
    )
    token = tokens.first()
    if token and (token.last_used_at is None or token.last_used_at < now - TOLD_EVERY):
        # A revocation at the same moment wins.
        ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(last_used_at=now)
    return token


def live_tokens(owner: User) -> QuerySet[ApiToken]:
    return owner.api_tokens.filter(revoked_at__isnull=True)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
