"""Two customers side by side: facts that tell whether they are one person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet

from accounts.models import CreditAccount, CustomerAddress, CustomerId, User
from claims.models import Claim, CustomerFlag, Dispute, Notice, Order, Upload
from claims.queries.customer.balances import NET, Balance, in_currency


@dataclass(frozen=True, kw_only=True)
class MergeSide:
    """A customer, and how much of each kind is theirs."""

    user: User
    customer_ids: list[str]
    former_addresses: list[str]
    orders: int
    open_claims: int
    closed_claims: int
    notices: int
    uploads: int
    flags: int
    """Flags that are raised now."""
    disputes: int
    nets: Mapping[str, Decimal] = field(repr=False)
    """By currency: the sum of the accounts, negative if it is uncovered."""

    @property
    def balances(self) -> list[Balance]:
        return [in_currency(currency, net) for currency, net in sorted(self.nets.items())]

    @property
    def has_signed_in(self) -> bool:
        return self.user.last_login is not None


def sides_of(people: Collection[User], *, now: datetime) -> list[MergeSide]:
    """Return a side for each of these people, in nine queries."""
    counts = _counts([user.pk for user in people], now=now)
    ids = _texts(CustomerId.objects.filter(user__in=people), "customer_id")
    addresses = _texts(CustomerAddress.objects.filter(user__in=people), "email")
    nets = _nets(people)
    return [
        MergeSide(
            user=user,
            customer_ids=ids[user.pk],
            former_addresses=[each for each in addresses[user.pk] if each != user.email.lower()],
            nets=nets[user.pk],
            **{name: found.get(user.pk, 0) for name, found in counts.items()},
        )
        for user in people
    ]


def balances_together(sides: Iterable[MergeSide]) -> list[Balance]:
    """Return the balances of these people once they are one person."""
    nets: dict[str, Decimal] = defaultdict(Decimal)
    for side in sides:
        for currency, net in side.nets.items():
            nets[currency] += net
    return [in_currency(currency, net) for currency, net in sorted(nets.items())]


def _counts(ids: Collection[int], *, now: datetime) -> dict[str, dict[int, int]]:
    """Return the numbers of each kind of row, by the customer's primary key."""
    of_orders = Q(order__customer__in=ids)
    mine = Q(customer__in=ids)
    claims = Claim.objects.filter(of_orders).order_by().values_list("order__customer")
    by_state = claims.annotate(
        open=Count("pk", filter=Q(status__in=Claim.OPEN)),
        closed=Count("pk", filter=~Q(status__in=Claim.OPEN)),
    )
    counted = list(by_state)
    notices = Notice.objects.filter(event__order__customer__in=ids)
    uploads = Upload.objects.filter(mine).exclude(state=Upload.State.REMOVED)
    return {
        "orders": _by_owner(Order.objects.filter(mine), "customer"),
        "open_claims": {owner: opened for owner, opened, _ in counted},
        "closed_claims": {owner: closed for owner, _, closed in counted},
        "notices": _by_owner(notices, "event__order__customer"),
        "uploads": _by_owner(uploads, "customer"),
        "flags": _by_owner(CustomerFlag.objects.raised(now=now).filter(mine), "customer"),
        "disputes": _by_owner(Dispute.objects.filter(of_orders), "order__customer"),
    }


def _by_owner(rows: QuerySet[Any], owner: str) -> dict[int, int]:
    return dict(rows.order_by().values_list(owner).annotate(count=Count("pk")))


def _texts(rows: QuerySet[Any], column: str) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for owner, text in rows.order_by(column).values_list("user", column):
        found[owner].append(text)
    return found


def _nets(people: Collection[User]) -> dict[int, dict[str, Decimal]]:
    found: dict[int, dict[str, Decimal]] = defaultdict(dict)
    accounts = CreditAccount.objects.filter(owner__in=people).order_by()
    for owner, currency, net in accounts.values_list("owner", "currency").annotate(net=NET):
        found[owner][currency] = net
    return found
