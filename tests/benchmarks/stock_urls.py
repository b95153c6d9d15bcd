"""The project's URLs, with a stock admin's list of claims beside them."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.admin import AdminSite, ModelAdmin
from django.urls import path

from claims.models import Claim
from config.urls import urlpatterns as own

if TYPE_CHECKING:
    StockAdmin = ModelAdmin[Any]
else:
    StockAdmin = ModelAdmin


class StockClaimAdmin(StockAdmin):
    """A list of twelve columns, fifty rows and a few filters, as Django's admin makes it."""

    list_display = ("code", "kind", "status", "service", "country", "supplier", "channel",
                    "order", "assignee", "filed_at", "due_at", "closed_at")  # fmt: skip
    list_filter = ("kind", "status", "channel")
    list_select_related: ClassVar = ["order", "assignee"]
    list_per_page = 50
    # Don't use the queue's own template, which the admin would find by the name of the model.
    change_list_template = "admin/change_list.html"


# Register it under the name of the real one, so that the theme's links find their pages.
site = AdminSite()
site.register(Claim, StockClaimAdmin)
urlpatterns = [*own, path("stock/", site.urls)]
