"""The page of a customer's credit: the balances, and every transfer with its cause."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import CreditTransfer, User
from accounts.views import SignedInRequest
from claims import access, queries
from claims.formats.identifiers import id_in
from claims.models import Claim, Order

PAGE_SIZE = 30


@dataclass(frozen=True, kw_only=True)
class CreditLine:
    transfer: CreditTransfer
    amount: Decimal
    """Negative when the credit went to the shop."""
    order: Order | None
    claim: Claim | None
    """The claim whose decision caused it."""


@login_required
@require_safe
def credit(request: SignedInRequest) -> HttpResponse:
    accounts = access.accounts_of(request.user)
    transfers = queries.transfers_of(accounts)
    number = request.GET.get("page") or _page_with(request.GET.get("transfer", ""), transfers)
    page = Paginator(transfers, PAGE_SIZE).get_page(number)
    context = {
        "balances": queries.balances_of(accounts),
        "page": page,
        "lines": _lines(request.user, page),
    }
    return render(request, "portal/credit.html", context)


def _page_with(wanted: str, transfers: QuerySet[CreditTransfer]) -> int:
    """Return the number of the page that lists the transfer with this id, or 1."""
    pk = id_in(wanted)
    linked = None if pk is None else transfers.filter(pk=pk).first()
    return queries.newer_than(linked, transfers).count() // PAGE_SIZE + 1 if linked else 1


def _lines(user: User, transfers: Iterable[CreditTransfer]) -> list[CreditLine]:
    shown = list(transfers)
    charges = {transfer.charge_id for transfer in shown if transfer.charge_id}
    bought = access.orders_of(user).select_related("number").filter(replaces=None)
    orders = {order.charge_id: order for order in bought.filter(charge__in=charges)}
    return [
        CreditLine(
            transfer=transfer,
            amount=-transfer.amount if transfer.debit.owner_id == user.pk else transfer.amount,
            order=orders.get(transfer.charge_id or 0),
            claim=_decided(transfer),
        )
        for transfer in shown
    ]


def _decided(transfer: CreditTransfer) -> Claim | None:
    decision = getattr(transfer, "decision", None)
    return decision.claim if decision else None
