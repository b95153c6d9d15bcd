"""The event that each step leaves: the person, the address, and the values before and after."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.origin import coming_from
from claims.actions.customer import evidence, withdrawal
from claims.actions.orders import automatic_returns
from claims.actions.review import assignment, conversation, decisions, reopening, repairs
from claims.models import ApprovalLimit, Claim, Event
from tests.makers import ANSWERS, make_claim, make_lease, make_order, newest_event

HERE = "198.51.100.7"
Kind = Event.Kind


@pytest.fixture(autouse=True)
def from_somewhere() -> Iterator[None]:
    with coming_from(HERE):
        yield


@pytest.fixture
def claim(ann) -> Claim:
    return make_claim(make_order(ann, sms=True), kind="major_defect")


def told(claim: Claim, kind: str) -> tuple[object, ...]:
    event = claim.events.get(kind=kind)
    return event.actor, event.address, event.before, event.after


def status(was: str, now: str) -> tuple[dict[str, str], dict[str, str]]:
    return {"status": was}, {"status": now}


def act(action, claim, by, *, note="So it is.", **words):
    now = timezone.now()
    make_lease(claim, by, now=now)
    action(claim_id=claim.pk, by=by, seen=newest_event(claim), note=note, now=now, **words)


def test_a_filing(claim, ann):
    assert told(claim, Kind.FILED) == (ann, HERE, {}, {"status": "submitted"})


def test_a_withdrawal(claim, ann):
    withdrawal.withdraw_claim(claim_id=claim.pk, by=ann, now=timezone.now())

    assert told(claim, Kind.WITHDRAWN) == (ann, HERE, *status("submitted", "withdrawn"))


@pytest.mark.parametrize(
    ("action", "kind", "after"),
    [
        (conversation.ask_for_evidence, Kind.EVIDENCE_REQUESTED, "waiting_customer"),
        (repairs.start_repair, Kind.REPAIR_STARTED, "repairing"),
    ],
)
def test_a_step(action, kind, after, claim, sue):
    act(action, claim, sue)

    assert told(claim, kind) == (sue, HERE, *status("submitted", after))


def test_an_answer_of_the_customer(claim, ann, sue):
    act(conversation.ask_for_evidence, claim, sue)
    evidence.add_evidence(
        claim_id=claim.pk,
        by=ann,
        uploads=[],
        message="Here.",
        submission=uuid4(),
        now=timezone.now(),
    )

    assert told(claim, Kind.EVIDENCE_ADDED) == (
        ann, HERE, *status("waiting_customer", "submitted"),
    )  # fmt: skip


def test_a_repair_that_ends_either_way(claim, ann, sue):
    act(repairs.start_repair, claim, sue)
    act(repairs.give_up_repair, claim, sue)
    act(
        repairs.start_repair,
        other := make_claim(make_order(ann, sms=True), kind="major_defect"),
        sue,
    )
    act(repairs.mark_repaired, other, sue)

    assert told(claim, Kind.NOT_REPAIRABLE) == (sue, HERE, *status("repairing", "submitted"))
    assert told(other, Kind.REPAIRED) == (sue, HERE, *status("repairing", "repaired"))


def test_a_reply_changes_nothing(claim, sue):
    act(conversation.reply, claim, sue)

    assert told(claim, Kind.REPLIED) == (sue, HERE, {}, {})


def test_the_decisions(claim, ann, sue, max_):
    ApprovalLimit.objects.create(currency="EUR", amount=1)
    act(decisions.approve, claim, sue, answers=ANSWERS)
    act(decisions.approve, claim, max_, answers=ANSWERS)
    other = make_claim(make_order(ann))
    act(decisions.reject, other, sue, answers=ANSWERS, clause="server-side")
    reopening.reopen(claim_id=other.pk, by=max_, note="Look again.", now=timezone.now())

    assert told(claim, Kind.APPROVED_FIRST)[:2] == (sue, HERE)
    assert told(claim, Kind.REFUNDED) == (max_, HERE, *status("submitted", "refunded"))
    assert told(other, Kind.REJECTED) == (sue, HERE, *status("submitted", "rejected"))
    assert told(other, Kind.REOPENED) == (max_, HERE, *status("rejected", "submitted"))


def test_goodwill(claim, max_):
    act(decisions.give_goodwill, claim, max_, amount=claim.order.price)

    assert told(claim, Kind.GOODWILL) == (max_, HERE, *status("submitted", "refunded"))


def test_an_assignment(claim, sue, max_):
    assignment.assign(claim_ids=[claim.pk], to=max_, by=sue, now=timezone.now())

    assert told(claim, Kind.ASSIGNED) == (
        sue, HERE, {"assignee": None}, {"assignee": "max@example.com"},
    )  # fmt: skip


def test_an_automatic_return_closes_the_claim_and_comes_from_nowhere(ann):
    claim = make_claim(make_order(ann))
    with coming_from(""):
        automatic_returns.cancel_orders(
            [claim.order], now=timezone.now() + timedelta(hours=1), by=None
        )

    assert told(claim, Kind.RETURNED) == (None, None, *status("submitted", "refunded"))
