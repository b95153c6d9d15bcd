"""The admin pages for people and credit.

Nothing here can be deleted. Only superusers write, and they write only people.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from allauth.account.admin import EmailAddress
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as StockGroupAdmin
from django.contrib.auth.models import Group
from django.core.paginator import Paginator
from django.db.models import F, ManyToManyField, Model, QuerySet
from django.forms import CheckboxSelectMultiple, ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.addresses import stored_form
from accounts.models import CreditAccount, CreditTransfer, User

if TYPE_CHECKING:
    StockAdmin = admin.ModelAdmin[Any]
    StockPaginator = Paginator[Any]
else:
    StockAdmin = admin.ModelAdmin
    StockPaginator = Paginator

MOST_LISTED = 1000


class CappedPaginator(StockPaginator):
    """Pages over the first `MOST_LISTED` rows, so that a list costs the same at a million rows.

    Staff find older rows with the filters and the search.
    """

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list  # a queryset here
        found: int = rows[:MOST_LISTED].count()
        return found

    @property
    def is_capped(self) -> bool:
        return self.count == MOST_LISTED


class ReadOnlyAdmin(StockAdmin):
    """An admin that shows rows. Other code writes them, if any does."""

    show_full_result_count = False
    paginator = CappedPaginator

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search for an email address in the form in which it is stored."""
        return super().get_search_results(request, queryset, stored_form(search_term))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


# The stock pages can delete people's addresses and groups.
admin.site.unregister([EmailAddress, Group])


@admin.register(Group)
class GroupAdmin(ReadOnlyAdmin, StockGroupAdmin):
    """Shows the groups. A migration sets their permissions, which are part of the product."""

    fields = ("name", "permissions")


class AddressFilter(admin.SimpleListFilter):
    """A filter of people without an address, whom the shop knows by its id alone."""

    title = _("address")
    parameter_name = "address"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        return [("yes", gettext("With an address")), ("no", gettext("Without an address"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        if self.value() == "no":
            return queryset.filter(email="")
        return queryset.exclude(email="") if self.value() == "yes" else queryset


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """Lets superusers add people and set their permissions.

    A new person has no password: they sign in with an emailed code, or reset the password to set
    one.
    """

    list_display = ("email", "display_name", "is_active", "is_staff", "date_joined")
    list_filter = (AddressFilter, "is_staff", "is_active", "groups")
    search_fields = ("email", "display_name", "customer_ids__customer_id__exact")
    search_help_text = _("Search by email, name, or the shop's customer id in full")
    ordering = ("email",)
    fields = (
        "email",
        "display_name",
        "shop_ids",
        "former_addresses",
        "time_zone",
        "language",
        "is_active",
        "is_staff",
        "is_superuser",
        "groups",
        "date_joined",
        "last_login",
    )
    readonly_fields = ("date_joined", "last_login", "shop_ids", "former_addresses")
    # There are few groups, and checkboxes need no script.
    formfield_overrides: ClassVar = {ManyToManyField: {"widget": CheckboxSelectMultiple}}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return _is_superuser(request)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Leave out, for a person who doesn't exist yet, what the shop tells."""
        told = () if obj else ("shop_ids", "former_addresses")
        return [name for name in self.fields if name not in told]

    @admin.display(description=_("the shop's customer ids"))
    def shop_ids(self, user: User) -> str:
        """Return the person's own id, then those of the customers who became this person."""
        ids = user.customer_ids.order_by(F("merged_at").asc(nulls_first=True), "customer_id")
        return ", ".join(ids.values_list("customer_id", flat=True)) or "—"

    @admin.display(description=_("earlier addresses"))
    def former_addresses(self, user: User) -> str:
        told = user.told_addresses.exclude(email=user.email.lower()).order_by("email")
        return ", ".join(told.values_list("email", flat=True)) or "—"

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Also protect the email of a person who exists: the shop's orders name people by it."""
        return (*self.readonly_fields, "email") if obj else self.readonly_fields

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Refuse lookups on the password, which would let staff guess its hash by its beginning."""
        return not lookup.startswith("password") and super().lookup_allowed(
            lookup,
            value,
            request,  # type: ignore[arg-type]  # the stubs know no None
        )

    def save_model(
        self, request: HttpRequest, obj: User, form: ModelForm[User], change: bool
    ) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)


def _is_superuser(request: HttpRequest) -> bool:
    return request.user.is_active and request.user.is_superuser


@admin.register(CreditAccount)
class CreditAccountAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "kind", "currency", "balance", "uncovered", "former_owner")
    list_filter = ("kind", "currency")
    list_select_related = ("owner", "former_owner")
    search_fields = ("owner__email",)
    ordering = ("id",)


@admin.register(CreditTransfer)
class CreditTransferAdmin(ReadOnlyAdmin):
    list_display = ("key", "kind", "amount", "currency", "debit", "credit", "made_at")
    list_filter = ("kind", "currency")
    search_fields = ("key", "debit__owner__email", "credit__owner__email")
    search_help_text = _("Search by key, such as charge:17:return, or by email")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CreditTransfer]:
        return super().get_queryset(request).select_related("debit__owner", "credit__owner")
