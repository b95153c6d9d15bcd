"""A claim whose customer has chosen the replacement, and the shop's answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.checking import faults
from accounts.models import CreditAccount, User
from claims.actions.customer import choices
from claims.actions.review import offers
from claims.actions.shop.inbound_events import EventAnswer, receive_shop_events
from claims.formats.shop_messages import ShopMessage
from claims.models import Claim, Offer, Order, Replacement
from tests.makers import ANSWERS, make_claim, make_lease, make_order, newest_event

NOW = datetime.now(UTC).replace(microsecond=0)
LATER = NOW + timedelta(days=2)
"""When the shop's time to answer is over."""


def make_defect(customer: User, *, price: str = "3.00", **fields: Any) -> Claim:
    order = make_order(
        customer, sms=True, price=price, purchased_at=NOW - timedelta(hours=1), **fields
    )
    return make_claim(order, kind="major_defect", now=NOW - timedelta(minutes=5))


def offer(claim: Claim, by: User, *, now: datetime = NOW) -> Offer:
    make_lease(claim, by, now=now)
    made = offers.offer_replacement(
        claim_id=claim.pk, by=by, seen=newest_event(claim), answers=ANSWERS, note="Another?",
        now=now,
    )  # fmt: skip
    assert isinstance(made, Offer)
    return made


def request(claim: Claim, by: User, *, now: datetime = NOW) -> Replacement:
    """Offer a replacement, have the customer choose it, and return the request."""
    offer(claim, by, now=now)
    choices.choose_replacement(claim_id=claim.pk, by=claim.order.customer, now=now)
    claim.refresh_from_db()
    return claim.replacements.get(state="requested")


def provided(
    asked: Replacement, *, event_id: str = "provided", at: datetime = NOW, **changes: Any
) -> ShopMessage:
    data = {
        "request_id": asked.request_id,
        "order_id": f"R-{asked.pk}",
        "phone": "+4915199999999",
        "service": "whatsapp",
        "country": "DE",
        "list_price": "3.20",
        "currency": "EUR",
        "allotted_until": (at + timedelta(minutes=20)).isoformat(),
    }
    return ShopMessage(event_id, "replacement.provided", at, data | changes)


def refused(
    asked: Replacement, *, event_id: str = "refused", at: datetime = NOW, reason: str = "Sold out."
) -> ShopMessage:
    data = {"request_id": asked.request_id, "reason": reason}
    return ShopMessage(event_id, "replacement.refused", at, data)


def tell(*messages: ShopMessage, now: datetime = NOW) -> list[EventAnswer]:
    return receive_shop_events(messages=messages, now=now)


def balance(customer: User) -> Decimal | None:
    return CreditAccount.objects.get(owner=customer).balance


def the_end(claim: Claim) -> str:
    claim.refresh_from_db()
    claim.order.refresh_from_db()
    assert not [*faults()]
    return claim.status


def given(asked: Replacement) -> Order:
    return Order.objects.get(replacement=asked)
