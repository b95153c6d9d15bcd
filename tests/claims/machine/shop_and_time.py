"""The steps of the shop and of time, on the portal and the oracle alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
)

from claims import queries
from claims.actions.orders import automatic_returns, intake
from claims.actions.shop import inbound_events
from claims.formats.reports import OrderReport
from claims.formats.shop_messages import ShopMessage
from claims.jobs import review
from claims.models import Claim, Order
from tests.claims.actions.orders.reports import bought, topped_up
from tests.claims.actions.review.replacement_requests import provided, refused
from tests.claims.machine.oracle import ALLOTTED, Deal, Oracle, Tale
from tests.makers import make_staff, make_user

START = datetime(2026, 4, 2, 22, 30, tzinfo=UTC)
LEASE = timedelta(minutes=6)
WAITS = [timedelta(minutes=15)] * 3 + [timedelta(hours=7), timedelta(days=1), timedelta(days=3)]
EMAIL = "ann@example.com"
picks = st.integers(0, 10_000)


class ShopAndTime(RuleBasedStateMachine):
    """A machine whose rules do the same to both, a few minutes after the last step."""

    def __init__(self) -> None:
        super().__init__()
        self.before = transaction.savepoint()
        self.ann = make_user(EMAIL)
        self.people = {
            "sue@example.com": make_staff("sue@example.com", "Support"),
            "max@example.com": make_staff("max@example.com", "Supervisor"),
        }
        self.oracle = Oracle(now=START)
        self.reports: list[OrderReport] = []
        self.messages: list[ShopMessage] = []
        self.orders: list[Order] = []

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.before)

    def tick(self, by: timedelta = LEASE) -> datetime:
        """Advance the clock by more than a lease, so that nobody else holds the claim."""
        self.oracle.now += by
        return self.oracle.now

    def pick(self, number: int) -> tuple[Deal, Order]:
        at = number % len(self.orders)
        self.orders[at].refresh_from_db()
        return self.oracle.deals[at], self.orders[at]

    def attempt(self, act: Callable[[], Any], *, allowed: bool) -> None:
        if allowed:
            act()
            return
        with pytest.raises(ValidationError):
            act()

    def offered(self, number: int, *, requested: bool) -> tuple[Deal, Tale, Claim] | None:
        """Return a claim with a replacement on offer, or one that the shop was asked for."""
        found = [
            d for d in self.oracle.deals
            if d.tale and d.tale.status == "offered" and bool(d.tale.requested_at) is requested
        ]  # fmt: skip
        if not found:
            return None
        deal = found[number % len(found)]
        _, order = self.pick(self.oracle.deals.index(deal))
        claim = queries.newest_claim(order)
        assert claim is not None
        return deal, deal.tales[-1], claim

    @initialize()
    def begin(self) -> None:
        """Start with credit, and a number that has got its SMS."""
        self.top_up("30.00")
        self.buy("2.50")
        self.tell(1, "sms.received")

    @rule(price=st.sampled_from(["0.00", "1.00", "2.50", "7.00"]))
    def buy(self, price: str) -> None:
        now = self.tick()
        name = f"N-{len(self.reports)}-{now.timestamp():.0f}"
        self._arrive(
            bought(name, price=Decimal(price), purchased_at=now, allotted_until=now + ALLOTTED),
            Deal(Decimal(price), now),
        )

    @rule(amount=st.sampled_from(["3.00", "10.00"]))
    def top_up(self, amount: str) -> None:
        now = self.tick()
        name = f"T-{len(self.reports)}-{now.timestamp():.0f}"
        self._arrive(
            topped_up(name, amount, purchased_at=now, updated_at=now),
            Deal(Decimal(amount), now, is_top_up=True),
        )

    def _arrive(self, report: OrderReport, deal: Deal) -> None:
        answer = intake.receive_orders(reports=[report], now=self.oracle.now)
        assert answer.created == 1, answer.refused
        self.oracle.buy(deal)
        self.reports.append(report)
        self.orders.append(Order.objects.get(shop_id=report.order_id))

    @precondition(lambda self: self.orders)
    @rule(number=picks, kind=st.sampled_from(
        ["sms.received", "sms.received", "activation.completed", "activation.cancelled"]
    ))  # fmt: skip
    def tell(self, number: int, kind: str) -> None:
        now = self.tick()
        deal, order = self.pick(number)
        event_id = f"{kind}-{len(self.messages)}"
        message = ShopMessage(event_id, kind, now, {"order_id": order.shop_id})
        (answer,) = inbound_events.receive_shop_events(messages=[message], now=now)
        self.messages.append(message)
        assert answer.state == ("refused" if deal.is_top_up else "applied")
        if deal.is_top_up:
            return
        if kind == "sms.received":
            deal.sms = True
            deal.cancelled = False
        elif kind == "activation.completed":
            deal.completed, deal.cancelled = True, False
        else:
            self.oracle.cancel(deal)

    @rule(amount=st.sampled_from(["4.00", "-3.00", "-9.00"]))
    def adjust(self, amount: str) -> None:
        """Let the shop give or take credit itself."""
        data = {"customer_email": EMAIL, "amount": amount, "currency": "EUR"}
        answer = self.say("credit.adjusted", **data, reason="correction")
        assert answer.state == "applied", answer.problem
        self.oracle.total += Decimal(amount)

    @precondition(lambda self: self.orders)
    @rule(number=picks)
    def dispute(self, number: int) -> None:
        """Tell of a disputed payment, which changes no credit and no claim."""
        deal, order = self.pick(number)
        answer = self.say("payment.disputed", order_id=order.shop_id)
        assert answer.state == ("applied" if deal.is_top_up else "refused")

    @precondition(lambda self: self.orders)
    @rule(number=picks)
    def refund(self, number: int) -> None:
        """Tell that the shop itself gave a price back."""
        deal, order = self.pick(number)
        allowed = not (deal.is_top_up or deal.done)
        answer = self.say("order.refunded", order_id=order.shop_id)
        assert answer.state == ("applied" if allowed else "refused"), answer.problem
        if allowed:
            self.oracle.give_back(deal)

    def say(self, kind: str, /, **data: str) -> inbound_events.EventAnswer:
        now = self.tick()
        message = ShopMessage(f"{kind}-{len(self.messages)}", kind, now, dict(data))
        (answer,) = inbound_events.receive_shop_events(messages=[message], now=now)
        self.messages.append(message)
        return answer

    @precondition(lambda self: self.reports or self.messages)
    @rule(number=picks)
    def replay(self, number: int) -> None:
        """Send everything again that the shop has sent."""
        now = self.tick()
        told: list[OrderReport | ShopMessage] = [*self.reports, *self.messages]
        again = told[number % len(told)]
        if isinstance(again, OrderReport):
            answer = intake.receive_orders(reports=[again], now=now)
            assert (answer.created, answer.updated) == (0, 0)
        else:
            (repeated,) = inbound_events.receive_shop_events(messages=[again], now=now)
            assert not repeated.is_new

    @precondition(lambda self: self.offered(0, requested=True))
    @rule(number=picks, has_one=st.booleans())
    def answer(self, number: int, has_one: bool) -> None:
        """Answer a request for a replacement."""
        found = self.offered(number, requested=True)
        assert found
        self.settle_request(*found, has_one=has_one)

    def settle_request(self, deal: Deal, tale: Tale, claim: Claim, *, has_one: bool) -> None:
        now = self.tick()
        asked = claim.replacements.get(state="requested")
        event_id = f"answer-{len(self.messages)}"
        message = refused(asked, event_id=event_id, at=now)
        if has_one:
            message = provided(
                asked, event_id=event_id, at=now, order_id=f"R-{event_id}", list_price="9.00",
                service="telegram", allotted_until=(now + ALLOTTED).isoformat(),
            )  # fmt: skip
        (told,) = inbound_events.receive_shop_events(messages=[message], now=now)
        assert told.state == "applied", told.problem
        self.messages.append(message)
        if has_one:
            self.oracle.replace(deal, tale)
            self.orders.append(Order.objects.get(shop_id=f"R-{event_id}"))
        else:
            self.oracle.give_back(deal)

    @rule(wait=st.sampled_from(WAITS))
    def time_passes(self, wait: timedelta) -> None:
        self.tick(wait)

    @rule()
    def sweep(self) -> None:
        now = self.tick()
        automatic_returns.return_expired(now=now)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(review, "database_now", lambda: now)
            review.keep_time(timestamp=0)
        self.oracle.pass_time()
