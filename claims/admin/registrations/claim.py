from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest
from django.shortcuts import redirect
from django.urls import URLPattern, path

from accounts.admin import ReadOnlyAdmin
from claims.admin.queue import bulk_page, queue_page
from claims.admin.review import review_views
from claims.models import Claim


@admin.register(Claim)
class ClaimAdmin(ReadOnlyAdmin):
    """The queue, and under each claim its review page and one URL for each decision."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("export/", wrap(queue_page.export), name="claims_claim_export"),
            path("filters/save/", wrap(queue_page.save_filter), name="claims_claim_save_filter"),
            path(
                "filters/<int:pk>/delete/",
                wrap(queue_page.delete_filter),
                name="claims_claim_delete_filter",
            ),
            path("<int:pk>/review/", wrap(review_views.show), name="claims_claim_review"),
            path("bulk/", wrap(bulk_page.show), name="claims_claim_bulk"),
            path("next/", wrap(review_views.next_claim), name="claims_claim_next"),
            path("<int:pk>/take/", wrap(review_views.take), name="claims_claim_take"),
            path("<int:pk>/renew/", wrap(review_views.renew), name="claims_claim_renew"),
            path("<int:pk>/release/", wrap(review_views.release), name="claims_claim_release"),
            *(
                path(f"<int:pk>/{step.name}/", wrap(step.view), name=f"claims_claim_{step.name}")
                for step in review_views.STEPS
            ),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Show the queue, because the cost of the stock list grows with each claim."""
        return queue_page.show(request)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Redirect from the stock page of a claim to its review page."""
        claim = self.get_object(request, object_id)
        if claim is None:
            raise Http404
        return redirect("admin:claims_claim_review", pk=claim.pk)
