"""The page of a customer's orders, and the button that returns an expired one at once."""

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.views import SignedInRequest
from claims import access, queries
from claims.actions.orders.automatic_returns import cancel_and_return as return_now
from claims.models import Order
from claims.portal.forms import SearchForm
from claims.portal.orders import order_stories
from claims.wording.validation_errors import text_of

PAGE_SIZE = 20


def home(request: HttpRequest) -> HttpResponse:
    return redirect("portal:orders" if request.user.is_authenticated else "account_login")


@login_required
@require_safe
def orders(request: SignedInRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    found = form.search(access.orders_of(request.user))
    page = Paginator(queries.orders_with_claims(found), PAGE_SIZE).get_page(request.GET.get("page"))
    now = timezone.now()
    context = {"page": page, "form": form, "stories": _stories(page, now=now), "now": now}
    return render(request, "portal/orders.html", context)


@login_required
@require_POST
def cancel_and_return(request: SignedInRequest, shop_id: str) -> HttpResponse:
    order = access.order_for(request.user, shop_id)
    try:
        return_now(order_id=order.pk, by=request.user, now=timezone.now())
    except ValidationError as error:
        messages.error(request, text_of(error))
    else:
        amount = {"amount": order.price, "currency": order.currency}
        messages.success(request, _("%(amount)s %(currency)s are back in your credit.") % amount)
    return redirect("portal:orders")


def _stories(page: Page[Order], *, now: datetime) -> list[order_stories.OrderStory]:
    due = queries.due_among(page, now=now)
    return [
        order_stories.tell(order, claim=queries.newest_of(order), due=order.pk in due, now=now)
        for order in page
    ]
