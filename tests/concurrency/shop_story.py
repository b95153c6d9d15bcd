"""A story of a shop's 300 orders, and what must come of it. Nothing here is from the portal."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

BY_ADDRESS = ["ann@example.com", "bob@example.com"]
"""The shop tells these customers' address alone. It tells the id of all others."""
WITHOUT_ADDRESS = "tg-7"
# These move: m0 to a new address, m1 to the one that m0 had, m2 and m3 exchange theirs, and m4's
# new address comes with an order.
MOVERS = ["m0", "m1", "m2", "m3", "m4"]
MERGED, SURVIVOR = "c-twin", "c-same"
CUSTOMERS = [*BY_ADDRESS, WITHOUT_ADDRESS, "c-cy", *MOVERS, MERGED, SURVIVOR]
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
    moves: dict[str, tuple[float, str]] = field(default_factory=dict)
    """The minute after which customers have another address, and that address."""
    orders: dict[str, Outcome] = field(default_factory=dict)
    moved: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    """This is the sum of each customer's movements, without automatic returns."""
    returned: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    """The sweep returns this sum to each customer."""
    supplier_took: Decimal = Decimal(0)

    def figures(self, *, is_swept: bool) -> dict[str, tuple[Decimal, Decimal]]:
        """Return balance and uncovered of each customer, together for those who become one."""
        sums = defaultdict[str, Decimal](Decimal)
        for customer in CUSTOMERS:
            sums[owner(customer)] += self.moved[customer]
            sums[owner(customer)] += self.returned[customer] if is_swept else Decimal(0)
        return {customer: (max(total, Decimal(0)), max(-total, Decimal(0)))
                for customer, total in sums.items()}  # fmt: skip

    def address(self, customer: str, after: float) -> str:
        """Return the address of a customer at a minute."""
        moved_after, moved_to = self.moves.get(customer, (0.0, ""))
        return moved_to if moved_to and after >= moved_after else first_address(customer)

    def addresses(self) -> dict[str, str]:
        """Return the address of each customer with an id in the end."""
        known = {owner(customer) for customer in CUSTOMERS} - {*BY_ADDRESS}
        return {customer: self.address(customer, 1000) for customer in known}

    def named(self, customer: str, after: float) -> dict[str, str]:
        """Return how an event at a minute names a customer."""
        if customer in BY_ADDRESS:
            return {"customer_email": customer}
        return {"customer_id": customer, "customer_email": self.address(customer, after)}


def owner(customer: str) -> str:
    """Return who a customer is in the end."""
    return SURVIVOR if customer == MERGED else customer


def first_address(customer: str) -> str:
    if customer in (*BY_ADDRESS, WITHOUT_ADDRESS):
        return customer if customer in BY_ADDRESS else ""
    return f"{customer}@example.com"


def story(seed: int) -> Story:
    """Return a shop's day; the purchases of most customers cost more than the top-ups known."""
    draw = random.Random(seed)
    told = Story()
    _move(told, draw)
    for n in range(TOP_UPS):
        _top_up(told, f"T-{n}", draw)
    for n in range(NUMBERS):
        _number(told, f"N-{n}", draw)
    for _ in range(ADJUSTMENTS):
        customer, amount = draw.choice(CUSTOMERS), _amount(draw, -300, 500) or Decimal(1)
        after = draw.uniform(0, 60)
        data = {"amount": str(amount), "currency": "EUR", "reason": "correction"}
        _tell(told, "credit.adjusted", after, **told.named(customer, after), **data)
        told.moved[customer] += amount
    return told


def _move(told: Story, draw: random.Random) -> None:
    """Plan the new addresses and tell them, m4's with an order that nothing happens to."""
    first, swap = draw.uniform(1, 20), draw.uniform(1, 50)
    told.moves |= {
        "m0": (first, "m0.new@example.com"),
        "m1": (draw.uniform(first + 1, 50), first_address("m0")),
        "m2": (swap, first_address("m3")),
        "m3": (swap, first_address("m2")),
        "m4": (draw.uniform(1, 19), "m4.new@example.com"),
    }
    for customer in MOVERS[:4]:
        after, _ = told.moves[customer]
        _tell(told, "customer.upserted", after, **told.named(customer, after))
    price = Decimal("1.10")
    for kind, after in (("order.created", 0.0), ("order.updated", told.moves["m4"][0])):
        _order(told, "N-moved", "m4", price, kind=kind, after=after, product="number",
               service="telegram")  # fmt: skip
    told.moved["m4"] -= price
    told.returned["m4"] += price
    told.orders["N-moved"] = Outcome(
        "m4", price, "telegram", price, is_late=False, is_disputed=False
    )


def _top_up(told: Story, order_id: str, draw: random.Random) -> None:
    customer, price = draw.choice(CUSTOMERS), _amount(draw, 1, 2000)
    is_disputed = draw.random() < 0.2
    _order(told, order_id, customer, price, product="top_up", service="")
    told.moved[customer] += price
    if is_disputed:
        _tell(told, "payment.disputed", 90, order_id=order_id, reason="Not mine.")
    told.orders[order_id] = Outcome(
        owner(customer), price, None, None, is_late=False, is_disputed=is_disputed
    )


def _number(told: Story, order_id: str, draw: random.Random) -> None:
    customer, fate, sent = draw.choice(CUSTOMERS), draw.choice([*FATES]), draw.choice([*SERVICES])
    price = draw.choice([Decimal(0), *(_amount(draw, 1, 999) for _ in range(5))])
    _order(told, order_id, customer, price, product="number", service=sent)
    told.moved[customer] -= price
    happenings, is_due = FATES[fate]
    back = price if is_due else None
    for kind, after in happenings:
        if kind == "order.refunded":
            back = draw.choice([price, min(price, Decimal("0.50"))])
            told.moved[customer] += back
            _tell(told, kind, after, order_id=order_id, amount=str(back), currency="EUR")
        else:
            _tell(told, kind, after, order_id=order_id)
    if is_due:
        told.returned[customer] += price
    if draw.random() < 0.3:
        cost = _amount(draw, 1, 99)
        _tell(told, "supplier.charged", 1, order_id=order_id, amount=str(cost), currency="EUR")
        told.supplier_took += cost
    is_late = fate == "SMS after it was cancelled"
    told.orders[order_id] = Outcome(
        owner(customer), price, SERVICES[sent], back, is_late, is_disputed=False
    )


def _amount(draw: random.Random, least: int, most: int) -> Decimal:
    """Return an amount between these two, in hundredths of the currency."""
    return Decimal(draw.randint(least, most)) / 100


def _order(
    told: Story, order_id: str, customer: str, price: Decimal, *, kind: str = "order.created",
    after: float = 0.0, **sold: str,
) -> None:  # fmt: skip
    data = {"order_id": order_id, "price": str(price)}
    _tell(told, kind, after, **data, **told.named(customer, after), **sold)


def _tell(told: Story, kind: str, after: float, **data: Any) -> None:
    told.events.append(Told(f"evt-{len(told.events)}", kind, after, data))
