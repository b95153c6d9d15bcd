"""Whose address is it? A password counts only when it was chosen by whom the address reaches.

Whoever types an address first could otherwise leave a password of theirs on it, and wait for its
owner to come.
"""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import (
    authentication_step_completed,
    email_confirmed,
    password_reset,
)
from django.dispatch import receiver

from accounts.models import User


def forget_unproven_password(user: User, *, just_proven: str = "") -> None:
    """Take the password off a person none of whose addresses was proven before `just_proven`."""
    proven = EmailAddress.objects.filter(user=user, verified=True).exclude(email=just_proven)
    if user.has_usable_password() and not proven.exists():
        user.set_unusable_password()
        user.save(update_fields=["password"])


@receiver(authentication_step_completed)
def prove_by_code(*, user: User, method: str, **how: Any) -> None:
    """Give people who came with an import the address record that allauth confirms next.

    Without one, the code from their mail would be followed by a second mail to the same address.
    """
    if method == "code" and how.get("email"):
        EmailAddress.objects.get_or_create(user=user, email=how["email"])
        # On this very object: the session that follows is tied to its password.
        forget_unproven_password(user)


@receiver(email_confirmed)
def prove_by_link(*, email_address: EmailAddress, **how: Any) -> None:
    forget_unproven_password(email_address.user, just_proven=email_address.email)


@receiver(password_reset)
def prove_by_reset(*, user: User, **how: Any) -> None:
    """The link came by mail, so the address is proven, and the new password is its owner's."""
    if not EmailAddress.objects.filter(user=user).exclude(email__iexact=user.email).exists():
        address, _ = EmailAddress.objects.get_or_create(
            user=user,
            email__iexact=user.email,
            defaults={"email": user.email.lower(), "primary": True},
        )
        address.set_verified()
