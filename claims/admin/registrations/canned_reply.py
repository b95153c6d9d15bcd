from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin import StockAdmin
from claims import policy
from claims.models import CannedReply
from claims.wording import title


def clause_choices() -> list[tuple[str, str]]:
    return [(clause.value, title(clause)) for clause in policy.Clause]


class ClauseFilter(admin.SimpleListFilter):
    title = _("clause")
    parameter_name = "clause"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        return clause_choices()

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[CannedReply]
    ) -> QuerySet[CannedReply]:
        return queryset.filter(clause=self.value()) if self.value() else queryset


@admin.register(CannedReply)
class CannedReplyAdmin(StockAdmin):
    """Texts for notes to customers. Supervisors write them; sent notes keep their text."""

    list_display = ("name", "clause_title", "language")
    list_filter = (ClauseFilter, "language")
    search_fields = ("name", "body")
    search_help_text = _("Search by name, or by what it says")
    show_full_result_count = False
    # No bulk actions: people read a reply before they delete it.
    actions = None

    def get_fields(self, request: HttpRequest, obj: CannedReply | None = None) -> Any:
        """Show the title to a person who may only read."""
        clause = "clause" if self.has_change_permission(request, obj) else "clause_title"
        return "name", clause, "language", "body"

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the clauses by their titles, which the database doesn't know."""
        if db_field.name == "clause":
            kwargs["widget"] = forms.Select(choices=[("", "---------"), *clause_choices()])
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description=_("clause"), ordering="clause")
    def clause_title(self, reply: CannedReply) -> str:
        return reply.clause_title
