"""The check of permissions on each page of the desk."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts.models import User


def user_with(request: HttpRequest, *permissions: str) -> User:
    """Return the signed-in user. Raises `PermissionDenied` unless they have all of these."""
    if not isinstance(request.user, User) or not request.user.has_perms(permissions):
        raise PermissionDenied
    return request.user
