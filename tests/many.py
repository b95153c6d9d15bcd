"""Thousands of claims in a few statements, as valid as those that go through the actions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from accounts import ledger
from accounts.models import Charge, User
from claims import policy
from claims.models import Claim, Event, Number, Order, PolicyVersion, Receipt
from tests.makers import REASON

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
    bought = now - timedelta(hours=4)
    shop_ids = [f"{prefix}-{n:06}" for n in range(count)]
    charges = _charges(shop_ids, customers, at=bought)
    version = PolicyVersion.objects.in_force(at=bought)
    numbers = Number.objects.bulk_create(
        Number(
            phone=f"+4917{10_000_000 + n}", service_id="whatsapp", country="DE", supplier="north"
        )
        for n in range(count)
    )
    return Order.objects.bulk_create(
        Order(
            shop_id=shop_ids[n],
            charge=charges[n],
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


def _charges(shop_ids: Sequence[str], customers: Sequence[User], *, at: datetime) -> list[Charge]:
    """Return a charge for each order, each paid by a top-up of the same amount."""
    owners = [customers[n % len(customers)].pk for n in range(len(shop_ids))]
    charges = ledger.charge_all(
        [
            ledger.NewCharge(
                customer_id=owner,
                kind=kind,
                amount=PRICE,
                currency="EUR",
                reference=shop_id if kind == Charge.Kind.PURCHASE else f"paid-{shop_id}",
                made_at=at,
            )
            for shop_id, owner in zip(shop_ids, owners, strict=True)
            for kind in (Charge.Kind.TOP_UP, Charge.Kind.PURCHASE)
        ]
    )
    return [charges[shop_id] for shop_id in shop_ids]


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
