"""A claim whose customer has chosen the replacement, and what the shop answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.models import User
from claims.actions.customer import choices
from claims.actions.review import offers
from claims.actions.shop.inbound_events import EventAnswer, receive_shop_events
from claims.formats.shop_messages import ShopMessage
from claims.models import Claim, Offer, Replacement
from tests.makers import ANSWERS, make_claim, make_lease, make_order, newest_event

NOW = datetime.now(UTC).replace(microsecond=0)


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
    """Offered and chosen."""
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
