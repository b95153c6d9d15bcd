from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db import DatabaseError
from django.db.models import DateTimeField, Field, Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext

from accounts.admin import ReadOnlyAdmin, StockAdmin
from claims.models import PolicyVersion


@admin.register(PolicyVersion)
class PolicyVersionAdmin(ReadOnlyAdmin):
    """A version may change until the first order is bought under it."""

    list_display = ("name", "effective_from", "claim_days", "repair_days", "time_zone")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return StockAdmin.has_add_permission(self, request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return StockAdmin.has_change_permission(self, request) and not _is_used(obj)

    def formfield_for_dbfield(self, db_field: Field[Any, Any], request: Any, **words: Any) -> Any:
        """Name the date and the time input of an instant for screen readers."""
        field = super().formfield_for_dbfield(db_field, request, **words)
        if isinstance(db_field, DateTimeField) and field:
            date, time = field.widget.widgets
            date.attrs["aria-label"] = gettext("%(field)s: date") % {"field": field.label}
            time.attrs["aria-label"] = gettext("%(field)s: time") % {"field": field.label}
        return field

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Refuse to save a version that an order has used since the page was opened.

        The check only makes the message; the database refuses the change in any case.
        """
        version = self.get_object(request, unquote(object_id))
        if request.method == "POST" and _is_used(version):
            return self._say_it_is_used(request)
        try:
            return super().change_view(request, object_id, form_url, extra_context)
        except DatabaseError as error:
            if "orders were bought under policy version" not in str(error):
                raise
            return self._say_it_is_used(request)

    def _say_it_is_used(self, request: HttpRequest) -> HttpResponse:
        self.message_user(
            request,
            gettext("Nothing was saved: orders were bought under this version. Add a newer one."),
            messages.ERROR,
        )
        return redirect(request.path)


def _is_used(version: Model | None) -> bool:
    return isinstance(version, PolicyVersion) and version.order_set.exists()
