"""The portal against an oracle: whatever people, the shop and time do, both have the same state.

`make soak` does the same for a thousand times fifty steps.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import Count, Q
from django.db.models.functions import Coalesce
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.checking import faults
from accounts.models import CreditAccount, CreditTransfer
from claims import queries
from claims.actions.customer import appeals, choices, evidence, filing
from claims.actions.orders import automatic_returns
from claims.actions.review import decisions, offers, repairs
from claims.models import Claim, Decision, Event, Order
from tests import reviewing
from tests.claims.machine.oracle import Deal, Tale
from tests.claims.machine.shop_and_time import ShopAndTime, picks
from tests.makers import ANSWERS, REASON

STEPS = int(os.environ.get("SOAK_STEPS", "600"))
PARTS = int(os.environ.get("SOAK_PARTS", "1"))
"""The number of processes that share the steps."""
STEPS_OF_ONE = 50
WORDS = {"note": "Please look at this again, with all that it takes."}
staff = st.sampled_from(["sue@example.com", "max@example.com"])


@settings(
    max_examples=max(STEPS // PARTS // STEPS_OF_ONE, 1),
    stateful_step_count=STEPS_OF_ONE,
    deadline=None,
    # Failing steps are reported as they were: shrinking them takes minutes.
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
class Portal(ShopAndTime):
    """The other steps of customers and staff, and the invariants."""

    @precondition(lambda self: self.orders)
    @rule(number=picks)
    def cancel(self, number: int) -> None:
        now = self.tick()
        deal, order = self.pick(number)
        if deal.back is not None:
            automatic_returns.cancel_and_return(order_id=order.pk, by=self.ann, now=now)
            return
        allowed = self.oracle.is_expired(deal)
        self.attempt(
            lambda: automatic_returns.cancel_and_return(order_id=order.pk, by=self.ann, now=now),
            allowed=allowed,
        )
        if allowed:
            self.oracle.give_back(deal)

    @precondition(lambda self: self.orders)
    @rule(number=picks, kind=st.sampled_from(["sms_not_received", "major_defect"]))
    def file(self, number: int, kind: str) -> None:
        now = self.tick()
        deals = self.oracle.deals
        allowed_ones = [i for i, deal in enumerate(deals) if self.oracle.may_file(deal, kind)]
        deal, order = self.pick(_mostly(number, allowed_ones))
        allowed = self.oracle.may_file(deal, kind)
        self.attempt(
            lambda: filing.file_claim(
                order_id=order.pk, by=self.ann, kind=kind, reason=REASON,
                customer_two_factor=False, terms_accepted=True, uploads=[], submission=uuid4(),
                now=now,
            ),
            allowed=allowed,
        )  # fmt: skip
        if allowed:
            deal.tales.append(Tale(kind, now))

    def claimed(self, number: int, fits: Callable[[Deal], object]) -> tuple[Deal, Tale, Claim]:
        """Return the newest claim on one of the orders that have one, mostly on one that fits."""
        deals = self.oracle.deals
        at = [i for i, deal in enumerate(deals) if deal.tales]
        fitting = [i for i in at if fits(deals[i])]
        chosen = fitting if fitting and number % 10 else at
        deal, order = self.pick(chosen[number % len(chosen)])
        claim = queries.newest_claim(order)
        assert claim is not None
        return deal, deal.tales[-1], claim

    @precondition(lambda self: any(deal.tales for deal in self.oracle.deals))
    @rule(number=picks)
    def reply(self, number: int) -> None:
        now = self.tick()
        _, tale, claim = self.claimed(number, _is_open)
        self.attempt(
            lambda: evidence.add_evidence(
                claim_id=claim.pk, by=self.ann, uploads=[], message=REASON, submission=uuid4(),
                now=now,
            ),
            allowed=tale.open,
        )  # fmt: skip
        if tale.status == "waiting_customer":
            tale.status = "submitted"

    @precondition(lambda self: any(deal.tales for deal in self.oracle.deals))
    @rule(number=picks)
    def appeal(self, number: int) -> None:
        now = self.tick()
        deal, tale, claim = self.claimed(number, self.oracle.may_appeal)
        allowed = self.oracle.may_appeal(deal)
        self.attempt(
            lambda: appeals.appeal(
                claim_id=claim.pk, by=self.ann, uploads=[], message=REASON, submission=uuid4(),
                now=now,
            ),
            allowed=allowed,
        )  # fmt: skip
        if allowed:
            tale.status, tale.appealed, tale.closed_at = "submitted", True, None

    @precondition(lambda self: self.offered(0, requested=False))
    @rule(number=picks, wants_number=st.booleans())
    def choose(self, number: int, wants_number: bool) -> None:
        found = self.offered(number, requested=False)
        assert found
        self.settle_offer(*found, wants_number=wants_number)

    def settle_offer(self, deal: Deal, tale: Tale, claim: Claim, *, wants_number: bool) -> None:
        now = self.tick()
        assert tale.offered_at
        act = choices.choose_replacement if wants_number else choices.choose_refund
        allowed = not wants_number or now < tale.offered_at + timedelta(days=7)
        self.attempt(lambda: act(claim_id=claim.pk, by=self.ann, now=now), allowed=allowed)
        if wants_number and allowed:
            tale.requested_at = now
        elif allowed:
            self.oracle.give_back(deal)

    def review(self, claim: Claim, email: str) -> dict[str, Any]:
        seen = claim.events.latest("pk").pk
        return {"claim_id": claim.pk, "by": self.people[email], "seen": seen,
                "now": self.oracle.now}  # fmt: skip

    @precondition(lambda self: any(deal.tales for deal in self.oracle.deals))
    @rule(number=picks, email=staff)
    def ask(self, number: int, email: str) -> None:
        now = self.tick()
        _, tale, claim = self.claimed(number, _is_open)
        words = self.review(claim, email) | WORDS
        allowed = tale.open and tale.status != "offered"
        self.attempt(lambda: reviewing.ask_for_evidence(**words), allowed=allowed)
        if allowed:
            tale.asked_at, tale.reminded_at = now, None
        if tale.status == "submitted":
            tale.status = "waiting_customer"

    @precondition(lambda self: any(deal.tales for deal in self.oracle.deals))
    @rule(number=picks, email=staff)
    def repair(self, number: int, email: str) -> None:
        """Once the repair has begun, a question to the customer changes no status."""
        now = self.tick()
        deal, tale, claim = self.claimed(number, lambda it: self.oracle.may_repair(it, email))
        words = self.review(claim, email) | WORDS
        reviewing.take(claim.pk, by=self.people[email], now=now)
        allowed = self.oracle.may_repair(deal, email)
        self.attempt(lambda: repairs.start_repair(**words), allowed=allowed)
        if allowed:
            tale.status, tale.asked_at, tale.reminded_at = "repairing", None, None

    @precondition(lambda self: any(deal.tales for deal in self.oracle.deals))
    @rule(number=picks, email=staff)
    def approve(self, number: int, email: str) -> None:
        self.tick()
        deal, tale, claim = self.claimed(number, lambda it: self.oracle.may_approve(it, email))
        words = self.review(claim, email) | {"answers": ANSWERS, "note": ""}
        allowed = self.oracle.may_approve(deal, email)
        self.attempt(lambda: reviewing.approve(**words), allowed=allowed)
        if allowed:
            tale.judges.add(email)
            self.oracle.give_back(deal)

    @precondition(lambda self: any(deal.tales for deal in self.oracle.deals))
    @rule(number=picks, email=staff)
    def reject(self, number: int, email: str) -> None:
        now = self.tick()
        deal, tale, claim = self.claimed(number, lambda it: self.oracle.may_judge(it, email))
        words = self.review(claim, email) | WORDS | {"answers": {}, "clause": "third-party"}
        allowed = self.oracle.may_judge(deal, email) and tale.status != "offered"
        self.attempt(lambda: reviewing.reject(**words), allowed=allowed)
        if allowed:
            tale.judges.add(email)
            tale.status, tale.closed_at = "rejected", now

    @precondition(lambda self: any(deal.tales for deal in self.oracle.deals))
    @rule(number=picks, email=staff)
    def offer(self, number: int, email: str) -> None:
        """The offer is often answered at once, because few lives have enough steps for that."""
        now = self.tick()
        then = ["", "price", "none", "number"][number // 10 % 4]
        deal, tale, claim = self.claimed(number, lambda it: self.oracle.may_offer(it, email))
        words = self.review(claim, email) | WORDS | {"answers": ANSWERS}
        reviewing.take(claim.pk, by=self.people[email], now=now)
        allowed = self.oracle.may_offer(deal, email)
        self.attempt(lambda: offers.offer_replacement(**words), allowed=allowed)
        if allowed:
            tale.status, tale.offered_at, tale.requested_at = "offered", now, None
        if allowed and then:
            self.settle_offer(deal, tale, claim, wants_number=then != "price")
        if allowed and then in {"none", "number"}:
            self.settle_request(deal, tale, claim, has_one=then == "number")

    @precondition(lambda self: any(deal.tales for deal in self.oracle.deals))
    @rule(number=picks, amount=st.sampled_from(["0.50", "2.50", "7.01", "7.01"]))
    def goodwill(self, number: int, amount: str) -> None:
        self.tick()
        deal, tale, claim = self.claimed(number, _is_open)
        email, given = "max@example.com", Decimal(amount)
        words = self.review(claim, email) | WORDS | {"amount": given}
        allowed = self.oracle.may_judge(deal, email) and given <= deal.price
        reviewing.take(claim.pk, by=self.people[email], now=self.oracle.now)
        self.attempt(lambda: decisions.give_goodwill(**words), allowed=allowed)
        if allowed:
            tale.judges.add(email)
            self.oracle.give_back(deal, given)

    @invariant()
    def both_say_the_same(self) -> None:
        account = CreditAccount.objects.filter(owner=self.ann).first()
        assert account
        assert (account.balance, account.uncovered) == self.oracle.balances
        rows = Order.objects.order_by("pk").values_list("returned_at", "return_transfer__amount")
        back = [(amount or Decimal(0)) if returned_at else None for returned_at, amount in rows]
        assert back == [deal.back for deal in self.oracle.deals]
        claims = Claim.objects.order_by("order_id", "pk").values_list("status", flat=True)
        assert list(claims) == [t.status for deal in self.oracle.deals for t in deal.tales]

    @invariant()
    def the_books_balance(self) -> None:
        assert list(faults()) == []

    @invariant()
    def each_return_has_its_one_cause(self) -> None:
        returned = Order.objects.filter(returned_at__isnull=False)
        causes = Q(events__kind__in=[Event.Kind.RETURNED, Event.Kind.REFUNDED,
                                     Event.Kind.GOODWILL])  # fmt: skip
        counted = returned.annotate(causes=Count("events", filter=causes))
        assert not counted.exclude(causes=1).exists()
        back = CreditTransfer.objects.filter(kind__in=["return", "goodwill"])
        worth = Coalesce("value", "price")
        assert back.count() == returned.annotate(worth=worth).filter(worth__gt=0).count()
        assert not returned.filter(return_transfer__amount__gt=worth).exists()
        assert not returned.filter(product=Order.Product.TOP_UP).exists()
        by_decision = Decision.objects.filter(outcome__in=["refund", "goodwill"]).count()
        by_itself = Event.objects.filter(kind=Event.Kind.RETURNED).count()
        assert by_decision + by_itself == returned.count()
        replaced = Order.objects.filter(replaced_at__isnull=False)
        assert not replaced.filter(
            Q(returned_at__isnull=False) | Q(replacement_order=None)
        ).exists()


def _is_open(deal: Deal) -> bool:
    return deal.tales[-1].open


def _mostly(number: int, those: list[int]) -> int:
    """Return one of `those` for nine numbers of ten, if there are any, else the number itself."""
    return those[number % len(those)] if those and number % 10 else number


@pytest.mark.django_db
@pytest.mark.parametrize("part", range(PARTS))
def test_the_portal_does_what_the_oracle_says(part):
    run_state_machine_as_test(Portal)
