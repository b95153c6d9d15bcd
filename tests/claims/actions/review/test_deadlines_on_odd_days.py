"""Deadlines in days of 24 hours stay so, whatever calendars and wall clocks do meanwhile.

The tests read them in Berlin, where clocks jump in March and October, and across the 29th of
February.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from claims.actions.customer import appeals, choices, objections
from claims.actions.orders import automatic_returns
from claims.actions.review import deadlines, offers, repairs, replacements
from claims.models import Claim, Order
from tests.makers import ANSWERS, make_claim, make_lease, make_order, newest_event
from tests.reviewing import ask_for_evidence, reject

pytestmark = pytest.mark.patient

MICROSECOND = timedelta(microseconds=1)
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
STARTS = {
    "clocks forward": datetime(2027, 3, 27, 1, 30, tzinfo=UTC),
    "clocks back": datetime(2027, 10, 30, 0, 30, tzinfo=UTC),
    "29 February": datetime(2028, 2, 27, 23, 59, 59, 999_999, tzinfo=UTC),
    "no 29 February": datetime(2027, 2, 26, 23, 59, 59, 999_999, tzinfo=UTC),
}
WORDS = "It fails each time that I try it."


@pytest.fixture(params=STARTS)
def start(request) -> Iterator[datetime]:
    with timezone.override(BERLIN):
        yield STARTS[request.param]


@pytest.fixture
def claim(ann, start) -> Claim:
    order = make_order(ann, sms=True, purchased_at=start - timedelta(hours=2))
    return make_claim(order, kind="major_defect", now=start)


def held(claim, by, at):
    make_lease(claim, by, now=at)
    return {"claim_id": claim.pk, "by": by, "seen": newest_event(claim), "now": at}


def ask(claim, sue, at):
    ask_for_evidence(claim_id=claim.pk, by=sue, seen=newest_event(claim), note="Show it.", now=at)


def offer(claim, sue, at):
    offers.offer_replacement(**held(claim, sue, at), answers=ANSWERS, note="Another?")


def reminding(claim, sue, at):
    ask(claim, sue, at)
    return lambda now: deadlines.remind(claim_id=claim.pk, now=now)


def giving_up(claim, sue, at):
    ask(claim, sue, at)
    deadlines.remind(claim_id=claim.pk, now=at + timedelta(days=2))
    return lambda now: deadlines.give_up(claim_id=claim.pk, now=now)


def saying_that_a_remedy_is_due(claim, sue, at):
    return lambda now: deadlines.say_remedy_is_due(claim_id=claim.pk, now=now)


def lapsing(claim, sue, at):
    offer(claim, sue, at)
    return lambda now: offers.let_lapse(claim_id=claim.pk, now=now)


def refusing_a_late_choice(claim, sue, at):
    offer(claim, sue, at)
    by = claim.order.customer
    return refused(lambda now: choices.choose_replacement(claim_id=claim.pk, by=by, now=now))


def going_without_a_replacement(claim, sue, at):
    offer(claim, sue, at)
    choices.choose_replacement(claim_id=claim.pk, by=claim.order.customer, now=at)
    return lambda now: replacements.let_request_lapse(claim_id=claim.pk, now=now)


def refusing_a_late_appeal(claim, sue, at):
    reject(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), answers={},
        clause="critical-defect", note="It works.", now=at,
    )  # fmt: skip
    return refused(lambda now: appeals.appeal(**spoken(claim, now)))


def refusing_a_late_objection(claim, sue, at):
    repairs.start_repair(**held(claim, sue, at), note="")
    repairs.mark_repaired(**held(claim, sue, at), note="Done.")
    return refused(lambda now: objections.object_to_repair(**spoken(claim, now)))


def spoken(claim, now):
    return {"claim_id": claim.pk, "by": claim.order.customer, "uploads": [], "message": WORDS,
            "submission": uuid4(), "now": now}  # fmt: skip


def refused(act: Callable[[datetime], object]) -> Callable[[datetime], bool]:
    """Return a function that returns True if `act` is refused as too late."""

    def try_it(now: datetime) -> bool:
        try:
            act(now)
        except ValidationError:
            return True
        return False

    return try_it


DEADLINES: dict[Callable[..., Callable[[datetime], bool]], int] = {
    reminding: 2,
    giving_up: 7,
    saying_that_a_remedy_is_due: 5,
    lapsing: 7,
    refusing_a_late_choice: 7,
    going_without_a_replacement: 2,
    refusing_a_late_appeal: 5,
    refusing_a_late_objection: 5,
}


@pytest.mark.parametrize(("beyond", "is_over"), [(-1, False), (0, True), (1, True)])
@pytest.mark.parametrize("prepare", DEADLINES, ids=lambda prepare: prepare.__name__)
def test_a_day_has_24_hours(start, claim, sue, prepare, beyond, is_over):
    happens = prepare(claim, sue, start)

    assert happens(start + timedelta(days=DEADLINES[prepare]) + beyond * MICROSECOND) is is_over


@pytest.mark.parametrize(("beyond", "returned"), [(-1, 0), (0, 1), (1, 1)])
def test_the_allotted_time_runs_through_an_hour_that_comes_twice_or_never(
    ann, start, beyond, returned
):
    order = make_order(
        ann, activation="waiting", purchased_at=start, allotted=timedelta(hours=1, minutes=30)
    )
    assert order.allotted_until

    assert (
        automatic_returns.return_expired(now=order.allotted_until + beyond * MICROSECOND)
        == returned
    )
    assert Order.objects.filter(returned_at__isnull=False).count() == returned
