"""Access to the pages of the audit log, and their rendering."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from accounts.models import User
from claims.models import Event


def reader_of(request: HttpRequest, needed: Iterable[str]) -> User:
    if not isinstance(request.user, User) or not request.user.has_perms(list(needed)):
        raise PermissionDenied
    return request.user


def render_page(request: HttpRequest, name: str, **context: Any) -> HttpResponse:
    whole = {**admin.site.each_context(request), "opts": Event._meta, **context}
    return TemplateResponse(request, f"admin/claims/event/{name}.html", whole)
