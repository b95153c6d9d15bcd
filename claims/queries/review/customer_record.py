"""The record of a customer: purchases, claims and returns. It holds facts, never a score."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from accounts.models import CreditAccount, CreditTransfer
from claims.models import Claim, Dispute, Order
from claims.queries.customer.balances import Balance, balances_of

RETURNS: Final = (CreditTransfer.Kind.RETURN, CreditTransfer.Kind.GOODWILL)
LOOKED_BACK: Final = timedelta(days=90)


@dataclass(frozen=True, kw_only=True)
class Returned:
    """The credit that went back to a customer in one currency."""

    currency: str
    amount: Decimal
    times: int


@dataclass(frozen=True, kw_only=True)
class CustomerRecord:
    orders: int
    """Orders of numbers; a top-up can't be claimed."""
    claimed: int
    """Orders with a claim, whatever its outcome."""
    claims: dict[str, int]
    """The count of the customer's other claims by status."""
    repeated: int
    """The count of the customer's claims that show evidence of another claim."""
    returned: list[Returned]
    """Returns of the last 90 days."""
    disputes: list[Dispute]
    """Top-ups whose payment the customer disputes with their bank, newest first."""
    uncovered: list[Balance]
    """Currencies in which the purchases come to more than the credit known here."""

    @property
    def share(self) -> int:
        """Return the percentage of orders with a claim."""
        return round(100 * self.claimed / self.orders) if self.orders else 0


def record_of(claim: Claim, *, now: datetime) -> CustomerRecord:
    """Return the record of the claim's customer, in five queries."""
    customer = claim.order.customer_id
    bought = Order.objects.filter(customer=customer, product=Order.Product.NUMBER).aggregate(
        orders=Count("pk"),
        claimed=Count("pk", filter=Exists(Claim.objects.filter(order=OuterRef("pk")))),
    )
    others = Claim.objects.filter(order__customer=customer).order_by().values("status")
    counted = list(
        others.annotate(
            count=Count("pk", filter=~Q(pk=claim.pk)),
            repeated=Count("pk", filter=Q(is_repeated=True)),
        )
    )
    return CustomerRecord(
        orders=bought["orders"],
        claimed=bought["claimed"],
        claims={line["status"]: line["count"] for line in counted if line["count"]},
        repeated=sum(line["repeated"] for line in counted),
        returned=_returned(CreditAccount.objects.filter(owner=customer), since=now - LOOKED_BACK),
        disputes=list(
            Dispute.objects.filter(order__customer=customer)
            .select_related("order")
            .order_by("-opened_at")
        ),
        uncovered=[
            each
            for each in balances_of(CreditAccount.objects.filter(owner=customer))
            if each.uncovered
        ],
    )


def _returned(accounts: QuerySet[CreditAccount], *, since: datetime) -> list[Returned]:
    back = CreditTransfer.objects.filter(
        credit__in=accounts, kind__in=RETURNS, made_at__gte=since
    ).order_by("currency")
    summed = back.values("currency").annotate(sum=Sum("amount"), times=Count("pk"))
    return [
        Returned(currency=line["currency"], amount=line["sum"], times=line["times"])
        for line in summed
    ]
