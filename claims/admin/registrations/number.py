from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin import ReadOnlyAdmin
from claims import queries
from claims.models import Number


@admin.register(Number)
class NumberAdmin(ReadOnlyAdmin):
    list_display = ("formatted", "service_name", "two_factor", "country", "supplier", "order")
    list_filter = ("two_factor", "country", "service")
    list_select_related = ("order",)
    search_fields = ("phone",)
    search_help_text = _("Search by phone number, in any spelling")

    @admin.display(description=_("service"), ordering="service")
    def service_name(self, number: Number) -> str:
        return number.service_name

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Number], search_term: str
    ) -> tuple[QuerySet[Number], bool]:
        if not search_term.strip():
            return queryset, False
        return queryset.filter(queries.phones_like(search_term)), False
