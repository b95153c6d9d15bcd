"""Removal of passwords that someone set before anyone proved the address.

Otherwise a stranger could sign up with someone's address and a password, and wait for the owner
to come.
"""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import (
    authentication_step_completed,
    email_confirmed,
    password_reset,
)
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib import messages
from django.dispatch import receiver
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.models import User


def forget_unproven_password(user: User, *, just_proven: str = "") -> None:
    """Remove the password of a person who had no proven address before `just_proven`."""
    proven = EmailAddress.objects.filter(user=user, verified=True).exclude(email=just_proven)
    if user.has_usable_password() and not proven.exists():
        user.set_unusable_password()
        user.save(update_fields=["password"])


def refuse_former_address(request: HttpRequest, user: User, email: str) -> None:
    """Answer with the form for another code, if the code went to an address no longer theirs."""
    if email.lower() != user.email.lower():
        messages.error(request, _("Your address has changed. Sign in with the new one."))
        raise ImmediateHttpResponse(redirect("account_request_login_code"))


@receiver(authentication_step_completed)
def prove_by_code(*, request: HttpRequest, user: User, method: str, **how: Any) -> None:
    """Give people from an import the address record that allauth confirms next.

    Without one, allauth would send a second mail to the address that the code has just proven. A
    code that went to an address that is theirs no longer signs nobody in.
    """
    if method == "code" and how.get("email"):
        refuse_former_address(request, user, how["email"])
        EmailAddress.objects.get_or_create(user=user, email=how["email"])
        # Changes this very object, because the session that follows depends on its password.
        forget_unproven_password(user)


@receiver(email_confirmed)
def prove_by_link(*, email_address: EmailAddress, **how: Any) -> None:
    forget_unproven_password(email_address.user, just_proven=email_address.email)


@receiver(password_reset)
def prove_by_reset(*, user: User, **how: Any) -> None:
    """Mark the address as proven: the link came by mail, so the owner set the new password."""
    _mark_as_proven(user)


def prove_by_operator(user: User) -> None:
    """Mark the address as proven: an operator gave its owner a link.

    Changes this very object, because the session that follows depends on its password.
    """
    forget_unproven_password(user)
    _mark_as_proven(user)


def _mark_as_proven(user: User) -> None:
    if not EmailAddress.objects.filter(user=user).exclude(email__iexact=user.email).exists():
        address, _ = EmailAddress.objects.get_or_create(
            user=user,
            email__iexact=user.email,
            defaults={"email": user.email.lower(), "primary": True},
        )
        address.set_verified()
