"""Authentication by token: its owner, its scopes, and its limits of requests."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from ninja.security import HttpBearer

from accounts import rates
from accounts.log_context import note
from accounts.models import ApiToken, User
from accounts.tokens import find_token
from claims.api.problems import ProblemDetails, problem_response

Scope = ApiToken.Scope
MOST_READS: Final = 120
MOST_WRITES: Final = 30
"""Requests in a minute by all tokens of one person."""
SENDING: Final = ("PATCH", "HEAD")
"""The methods that send an upload. Its pieces have their own limits."""


class TokenRequest(HttpRequest):
    """The request that a view gets behind a token."""

    user: User


class Token(HttpBearer):
    """The check of `Authorization: Bearer esimpy_…`, with a token that has this scope."""

    def __init__(self, scope: ApiToken.Scope) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Any:
        # Without the header, the stock class gives its own answer.
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        return self.authenticate(request, secret if scheme.lower() == "bearer" else "")

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken:
        found = _identify(token)
        if self.scope not in found.scopes:
            detail = _("This token lacks the scope %(scope)s.") % {"scope": self.scope.value}
            raise ProblemDetails(403, "scope", detail)
        note(user_id=found.owner_id)
        _refuse_too_often(request, found.owner_id)
        request.user = found.owner
        return found


def by_token(scope: ApiToken.Scope) -> Callable[[Callable[..., HttpResponse]], Any]:
    """Return a decorator that opens a view of the portal to programs, by token, not by session."""
    door = Token(scope)

    def decorate(view: Callable[..., HttpResponse]) -> Any:
        @csrf_exempt
        @wraps(view)
        def open_view(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
            # OPTIONS is open to everybody.
            if request.method != "OPTIONS":
                try:
                    door(request)
                except ProblemDetails as problem:
                    return problem_response(problem)
            return view(request, *args, **named)

        return open_view

    return decorate


def _identify(secret: str) -> ApiToken:
    found = find_token(secret, now=timezone.now()) if secret.isascii() else None
    if found is None:
        raise ProblemDetails(
            401,
            "token",
            _(
                "Send a token that isn't revoked: Authorization: Bearer esimpy_… Make one under API"
                " tokens in your profile."
            ),
            {"WWW-Authenticate": "Bearer"},
        )
    return found


def _refuse_too_often(request: HttpRequest, owner_id: int) -> None:
    if request.method in SENDING:
        return
    kind, most = ("read", MOST_READS) if request.method == "GET" else ("write", MOST_WRITES)
    seconds = rates.seconds_to_wait(f"api:{owner_id}:{kind}", most=most)
    if seconds:
        detail = _("More than %(most)s such requests in a minute. Go on in %(seconds)s s.")
        raise ProblemDetails(
            429,
            "too-often",
            detail % {"most": most, "seconds": seconds},
            {"Retry-After": str(seconds)},
        )
