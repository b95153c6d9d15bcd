"""The page *Services*: the names that nobody has mapped, and the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.models import User
from claims.actions.orders.service_mapping import add_service, map_service_name
from claims.admin.permissions import user_with
from claims.formats.folding import folded
from claims.models import Service
from claims.queries.orders.unmapped_names import (
    UnmappedName,
    forget_count,
    slug_called,
    unmapped_names,
)

LOOK: Final = ("claims.view_service", "claims.view_servicealias", "claims.view_order")
MOST_NAMES: Final = 200
MAP: Final = (*LOOK, "claims.map_service")


class MappingForm(forms.Form):
    """The mapping of one name, by any name of a service."""

    name = forms.CharField(max_length=80, widget=forms.HiddenInput)
    service = forms.CharField(
        max_length=80,
        label=_("Service"),
        error_messages={"required": _("Write the name of the service.")},
    )
    is_new = forms.BooleanField(required=False, label=_("It is new to the catalogue"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        called = data.get("service", "")
        if called and not data.get("is_new") and not slug_called(called):
            self.add_error(
                "service",
                _(
                    "The catalogue has no service of this name. Choose one of the list, or say"
                    " that it is new."
                ),
            )
        return data


@dataclass(frozen=True)
class UnmappedLine:
    """An unmapped name in the list."""

    unmapped: UnmappedName
    now: datetime

    @property
    def waits(self) -> timedelta:
        return self.now - self.unmapped.since


class ServicesPage:
    """The page as one person may see it."""

    def __init__(self, viewer: User, *, now: datetime, form: MappingForm | None = None) -> None:
        self.may_map = viewer.has_perms(MAP)
        self.now = now
        self.form = form

    @cached_property
    def unmapped(self) -> list[UnmappedLine]:
        return [UnmappedLine(each, self.now) for each in self._names[:MOST_NAMES]]

    @property
    def more(self) -> int:
        """Return the number of unmapped names that the page doesn't show."""
        return max(0, len(self._names) - MOST_NAMES)

    @cached_property
    def _names(self) -> list[UnmappedName]:
        return unmapped_names()

    @cached_property
    def services(self) -> list[Service]:
        """Return the catalogue by name, with its aliases."""
        rows = list(Service.objects.prefetch_related("aliases__made_by"))
        return sorted(rows, key=lambda service: folded(self._name_of(service)))

    @property
    def catalogue(self) -> list[tuple[str, Service]]:
        return [(self._name_of(service), service) for service in self.services]

    @property
    def errors(self) -> list[str]:
        if self.form is None:
            return []
        return [str(message) for some in self.form.errors.values() for message in some]

    def _name_of(self, service: Service) -> str:
        return service.name_in(get_language() or "")


def show(request: HttpRequest, page: ServicesPage, *, status: int = 200) -> HttpResponse:
    return _render(request, "list", {"page": page}, status=status)


@never_cache
@require_POST
def map_view(request: HttpRequest) -> HttpResponse:
    """Show what a mapping would change, and map the name once that is confirmed."""
    by, now = user_with(request, *MAP), timezone.now()
    form = MappingForm(request.POST)
    if not form.is_valid():
        return show(request, ServicesPage(by, now=now, form=form), status=422)
    if "confirmed" not in request.POST:
        return _render(request, "confirm", {"form": form, **_consequences(form)})
    try:
        told = _map(form, by=by, now=now)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, told)
    forget_count()
    return redirect("admin:claims_service_changelist")


def _map(form: MappingForm, *, by: User, now: datetime) -> str:
    name, called = form.cleaned_data["name"], form.cleaned_data["service"]
    if form.cleaned_data["is_new"]:
        service = add_service(name=name, called=called, by=by, now=now)
    else:
        slug = slug_called(called)
        service = map_service_name(name=name, slug=slug, by=by, now=now).service
    return gettext("“%(name)s” is mapped to %(service)s.") % {"name": name, "service": service}


def _consequences(form: MappingForm) -> dict[str, Any]:
    name, called = form.cleaned_data["name"], form.cleaned_data["service"]
    is_new = form.cleaned_data["is_new"]
    return {
        "name": name,
        "service": None if is_new else Service.objects.get(pk=slug_called(called)),
        "called": called,
        "waiting": next(
            (each for each in unmapped_names() if folded(each.name) == folded(name)), None
        ),
    }


def _render(
    request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    whole = admin.site.each_context(request) | {
        "title": gettext("Services"),
        "opts": Service._meta,
    }
    template = f"admin/claims/service/{name}.html"
    return TemplateResponse(request, template, whole | context, status=status)
