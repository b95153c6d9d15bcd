"""A story of a shop's 300 orders, and what must come of it. Nothing here is from the portal."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

CUSTOMERS = [f"{name}@example.com" for name in ("ann", "bob", "cy", "dee", "eve")]
TOP_UPS = 40
NUMBERS = 260
ADJUSTMENTS = 30
# The shop writes the first name and means the second service. Nobody knows the service for None.
SERVICES = {"telegram": "telegram", "tg": "telegram", "Telegram": "telegram", "planet nine": None}
FATES = {
    # Each fate lists its events with their minutes after the purchase, and says whether the sweep
    # returns the price.
    "nothing": ([], True),
    "sms": ([("sms.received", 5)], False),
    "completed": ([("sms.received", 5), ("activation.completed", 8)], False),
    "cancelled": ([("activation.cancelled", 6)], True),
    "cancelled after an SMS": ([("sms.received", 5), ("activation.cancelled", 6)], False),
    "SMS after it was cancelled": ([("activation.cancelled", 6), ("sms.received", 9)], True),
    "refunded by the shop": ([("order.refunded", 30)], False),
    "refunded after an SMS": ([("sms.received", 5), ("order.refunded", 30)], False),
    "cancelled and refunded": ([("activation.cancelled", 6), ("order.refunded", 30)], False),
}


class Told(NamedTuple):
    """An event of the shop; `after` is in minutes after the story's noon."""

    event_id: str
    kind: str
    after: float
    data: dict[str, Any]


class Outcome(NamedTuple):
    """The portal must know this of an order in the end. `back` is None if no price went back."""

    customer: str
    price: Decimal
    service: str | None
    back: Decimal | None
    is_late: bool
    is_disputed: bool


@dataclass
class Story:
    """The events, and what must come of them in any order of arrival."""

    events: list[Told] = field(default_factory=list)
    orders: dict[str, Outcome] = field(default_factory=dict)
    moved: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    """This is the sum of each customer's movements, without automatic returns."""
    returned: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    """The sweep returns this sum to each customer."""
    supplier_took: Decimal = Decimal(0)

    def figures(self, *, is_swept: bool) -> dict[str, tuple[Decimal, Decimal]]:
        """Return balance and uncovered of each customer who has an account."""
        sums = {email: self.moved[email] for email in CUSTOMERS}
        if is_swept:
            sums = {email: total + self.returned[email] for email, total in sums.items()}
        return {email: (max(total, Decimal(0)), max(-total, Decimal(0)))
                for email, total in sums.items()}  # fmt: skip


def story(seed: int) -> Story:
    """Return a shop's day; the purchases of most customers cost more than the top-ups known."""
    draw = random.Random(seed)
    told = Story()
    for n in range(TOP_UPS):
        _top_up(told, f"T-{n}", draw)
    for n in range(NUMBERS):
        _number(told, f"N-{n}", draw)
    for _ in range(ADJUSTMENTS):
        email, amount = draw.choice(CUSTOMERS), _amount(draw, -300, 500) or Decimal(1)
        data = {"customer_email": email, "amount": str(amount), "currency": "EUR"}
        _tell(told, "credit.adjusted", draw.uniform(0, 60), **data, reason="correction")
        told.moved[email] += amount
    return told


def _top_up(told: Story, order_id: str, draw: random.Random) -> None:
    email, price, is_disputed = draw.choice(CUSTOMERS), _amount(draw, 1, 2000), draw.random() < 0.2
    _order(told, order_id, email, price, product="top_up", service="")
    told.moved[email] += price
    if is_disputed:
        _tell(told, "payment.disputed", 90, order_id=order_id, reason="Not mine.")
    told.orders[order_id] = Outcome(
        email, price, None, None, is_late=False, is_disputed=is_disputed
    )


def _number(told: Story, order_id: str, draw: random.Random) -> None:
    email, fate, sent = draw.choice(CUSTOMERS), draw.choice([*FATES]), draw.choice([*SERVICES])
    price = draw.choice([Decimal(0), *(_amount(draw, 1, 999) for _ in range(5))])
    _order(told, order_id, email, price, product="number", service=sent)
    told.moved[email] -= price
    happenings, is_due = FATES[fate]
    back = price if is_due else None
    for kind, after in happenings:
        if kind == "order.refunded":
            back = draw.choice([price, min(price, Decimal("0.50"))])
            told.moved[email] += back
            _tell(told, kind, after, order_id=order_id, amount=str(back), currency="EUR")
        else:
            _tell(told, kind, after, order_id=order_id)
    if is_due:
        told.returned[email] += price
    if draw.random() < 0.3:
        cost = _amount(draw, 1, 99)
        _tell(told, "supplier.charged", 1, order_id=order_id, amount=str(cost), currency="EUR")
        told.supplier_took += cost
    is_late = fate == "SMS after it was cancelled"
    told.orders[order_id] = Outcome(email, price, SERVICES[sent], back, is_late, is_disputed=False)


def _amount(draw: random.Random, least: int, most: int) -> Decimal:
    """Return an amount between these two, in hundredths of the currency."""
    return Decimal(draw.randint(least, most)) / 100


def _order(told: Story, order_id: str, email: str, price: Decimal, **sold: str) -> None:
    data = {"order_id": order_id, "customer_email": email, "price": str(price)}
    _tell(told, "order.created", 0, **data, **sold)


def _tell(told: Story, kind: str, after: float, **data: Any) -> None:
    told.events.append(Told(f"evt-{len(told.events)}", kind, after, data))
