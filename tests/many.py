"""Thousands of claims in a few statements, as valid as those that go through the actions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from accounts import ledger
from accounts.models import CreditTransfer, User
from claims import policy
from claims.models import Claim, Event, Number, Order, PolicyVersion, Receipt
from tests.makers import REASON

Kind = CreditTransfer.Kind
PRICE = Decimal("2.50")
SECOND = timedelta(seconds=1)


def make_many_claims(customers: Sequence[User], count: int, *, now: datetime) -> list[Claim]:
    """Make open claims *SMS not received*, each on an order of its own, filed a second apart."""
    orders = make_many_orders(customers, count, now=now)
    claims = [
        _claim(order, at=now - timedelta(hours=1) + SECOND * n) for n, order in enumerate(orders)
    ]
    Claim.objects.bulk_create(claims)
    Receipt.objects.bulk_create(_receipt(claim) for claim in claims)
    Event.objects.bulk_create(
        Event(kind=Event.Kind.FILED, order=c.order, claim=c, at=c.filed_at, actor=c.order.customer)
        for c in claims
    )
    return claims


def make_many_orders(
    customers: Sequence[User],
    count: int,
    *,
    now: datetime,
    prefix: str = "MANY",
    activation: str = "banned",
) -> list[Order]:
    """Make paid orders of four hours ago, whose allotted time is over."""
    orders = _orders(customers, count, now=now, prefix=prefix, activation=activation)
    _pay(orders)
    return orders


def _orders(
    customers: Sequence[User], count: int, *, now: datetime, prefix: str, activation: str
) -> list[Order]:
    bought = now - timedelta(hours=4)
    version = PolicyVersion.objects.in_force(at=bought)
    numbers = Number.objects.bulk_create(
        Number(
            phone=f"+4917{10_000_000 + n}", service_id="whatsapp", country="DE", supplier="north"
        )
        for n in range(count)
    )
    return Order.objects.bulk_create(
        Order(
            shop_id=f"{prefix}-{n:06}",
            customer=customers[n % len(customers)],
            product=Order.Product.NUMBER,
            number=number,
            channel=Order.Channel.WEB,
            price=PRICE,
            currency="EUR",
            purchased_at=bought,
            allotted_until=bought + timedelta(minutes=20),
            activation=activation,
            reported_at=bought,
            policy_version=version,
            claims_close_at=policy.deadline(bought, version.terms),
        )
        for n, number in enumerate(numbers)
    )


def _pay(orders: Sequence[Order]) -> None:
    """Record the price as a top-up and as the purchase."""
    ledger.move_all(
        [_movement(order, kind) for order in orders for kind in (Kind.TOP_UP, Kind.PURCHASE)]
    )


def _movement(order: Order, kind: CreditTransfer.Kind) -> ledger.Movement:
    return ledger.Movement(
        customer_id=order.customer_id,
        amount=order.price,
        currency=order.currency,
        kind=kind,
        key=f"{'many' if kind == Kind.TOP_UP else 'order'}:{order.pk}:{kind}",
        made_at=order.purchased_at,
    )


def _claim(order: Order, *, at: datetime) -> Claim:
    claim = Claim(
        order=order,
        kind=Claim.Kind.SMS_NOT_RECEIVED,
        reason=REASON,
        terms_version=order.policy_version.terms_version,
        filed_at=at,
    )
    claim._copy_order()
    return claim


def _receipt(claim: Claim) -> Receipt:
    facts = claim.facts(proofs=frozenset(), has_live_claim=False)
    version = claim.order.policy_version
    return Receipt(
        claim=claim,
        occasion=Receipt.Occasion.FILED,
        made_at=claim.filed_at,
        policy_version=version,
        facts=facts.as_dict(),
        findings=policy.assess(facts, version.terms).as_dict()["findings"],
    )
