from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from accounts.admin import ReadOnlyAdmin
from claims.admin import bulk, glance, review
from claims.admin.filters import (
    CLOSED,
    FINAL,
    ChannelFilter,
    CountryFilter,
    FiledFilter,
    KindFilter,
    ServiceFilter,
    StatusFilter,
)
from claims.admin.searching import claims_like
from claims.models import Claim
from claims.reports import claims_csv

# Whom we keep waiting comes before who keeps us waiting.
TURN = Case(
    When(status=Claim.Status.SUBMITTED, then=Value(0)),
    When(status=Claim.Status.WAITING_CUSTOMER, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)


@admin.register(Claim)
class ClaimAdmin(ReadOnlyAdmin):
    """The queue, and under each claim its review page and one URL for each decision."""

    list_display = (
        "link",
        "bought",
        "sold",
        "price",
        "verdict",
        "age",
        "deadline",
        "evidence",
        "state",
    )
    list_display_links = None
    list_filter = (
        StatusFilter,
        FiledFilter,
        KindFilter,
        ServiceFilter,
        CountryFilter,
        ChannelFilter,
    )
    list_per_page = 50
    search_fields = ("code",)
    search_help_text = "Search by claim code, phone number, email or order id"

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("export/", wrap(require_GET(self.export_view)), name="claims_claim_export"),
            path("<int:pk>/review/", wrap(review.show), name="claims_claim_review"),
            path("bulk/", wrap(bulk.show), name="claims_claim_bulk"),
            path("next/", wrap(review.next_claim), name="claims_claim_next"),
            path("<int:pk>/take/", wrap(review.take), name="claims_claim_take"),
            path("<int:pk>/renew/", wrap(review.renew), name="claims_claim_renew"),
            path("<int:pk>/release/", wrap(review.release), name="claims_claim_release"),
            *(
                path(f"<int:pk>/{step.name}/", wrap(step.view), name=f"claims_claim_{step.name}")
                for step in review.STEPS
            ),
        ]
        return [*own, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Claim]:
        return glance.fetched(super().get_queryset(request))

    def get_ordering(self, request: HttpRequest) -> list[str | Combinable]:
        if request.GET.get("status") in {CLOSED, *FINAL}:
            return ["-closed_at", "-id"]
        return [TURN, "filed_at", "id"]

    def get_list_display(self, request: HttpRequest) -> Any:
        """Who may not open the review page isn't offered a link to it."""
        if request.user.has_perms(review.NEEDED):
            return self.list_display
        return ["unlinked", *self.list_display[1:]]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Claim], search_term: str
    ) -> tuple[QuerySet[Claim], bool]:
        found = queryset.filter(claims_like(search_term)) if search_term.strip() else queryset
        return found, False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """The stock page of one claim is its review page."""
        claim = self.get_object(request, object_id)
        if claim is None:
            raise Http404
        return redirect("admin:claims_claim_review", pk=claim.pk)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        may_export = request.user.has_perm("claims.export_claims")
        return super().changelist_view(
            request, {"title": "Claims", "may_export": may_export} | (extra_context or {})
        )

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """The claims of the list, with its filters and its search, every page of it."""
        if not request.user.has_perm("claims.export_claims"):
            raise PermissionDenied
        try:
            claims = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            self.message_user(request, "The list can't be filtered like that.", messages.ERROR)
            return redirect("admin:claims_claim_changelist")
        name = f"claims-{timezone.now():%Y-%m-%dT%H%MZ}.csv"
        return StreamingHttpResponse(
            claims_csv(claims),
            content_type="text/csv; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "Cache-Control": "private, no-store",
            },
        )

    @admin.display(description="claim", ordering="code")
    def link(self, claim: Claim) -> SafeString:
        return format_html(
            '<a class="code" href="{}">{}</a><br>{}',
            reverse("admin:claims_claim_review", args=[claim.pk]),
            claim.code,
            claim.get_kind_display(),
        )

    @admin.display(description="claim", ordering="code")
    def unlinked(self, claim: Claim) -> SafeString:
        return format_html(
            '<span class="code">{}</span><br>{}', claim.code, claim.get_kind_display()
        )

    @admin.display(description="order", ordering="order__shop_id")
    def bought(self, claim: Claim) -> SafeString:
        number = claim.order.number
        return format_html(
            '{}<br><span class="nowrap">{}</span>',
            claim.order.shop_id,
            number.formatted if number else "—",
        )

    @admin.display(description="service", ordering="service")
    def sold(self, claim: Claim) -> SafeString | str:
        return glance.service(claim)

    @admin.display(ordering="order__price")
    def price(self, claim: Claim) -> SafeString:
        return format_html(
            '<span class="amount">{} {}</span>', claim.order.price, claim.order.currency
        )

    def verdict(self, claim: Claim) -> SafeString:
        return glance.verdict(claim)

    @admin.display(ordering="filed_at")
    def age(self, claim: Claim) -> SafeString:
        return glance.age(claim, now=timezone.now())

    @admin.display(ordering="order__claims_close_at")
    def deadline(self, claim: Claim) -> SafeString:
        return glance.deadline(claim, now=timezone.now())

    def evidence(self, claim: Claim) -> SafeString | str:
        return glance.evidence(claim)

    @admin.display(description="status", ordering="status")
    def state(self, claim: Claim) -> SafeString:
        return glance.status(claim)
