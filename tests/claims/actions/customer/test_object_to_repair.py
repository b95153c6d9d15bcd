"""Objections of customers to a repair: once, and in time."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from claims.actions.customer import objections
from claims.actions.review import deadlines, repairs
from claims.models import Claim
from tests.makers import ANSWERS, make_claim, make_order, newest_event
from tests.reviewing import approve, take

MICROSECOND = timedelta(microseconds=1)
WORDS = "It fails just as it did before you looked."


def step(act, claim, by, *, now):
    take(claim.pk, by=by, now=now)
    act(claim_id=claim.pk, by=by, seen=newest_event(claim), note="We changed it.", now=now)


@pytest.fixture
def repaired(ann, sue) -> Claim:
    claim = make_claim(make_order(ann, sms=True), kind="major_defect")
    now = claim.filed_at + timedelta(days=1)
    step(repairs.start_repair, claim, sue, now=now)
    step(repairs.mark_repaired, claim, sue, now=now)
    claim.refresh_from_db()
    return claim


def objects(claim, *, by=None, message=WORDS, now=None):
    return objections.object_to_repair(
        claim_id=claim.pk,
        by=by or claim.order.customer,
        uploads=[],
        message=message,
        submission=uuid4(),
        now=now or claim.decision.decided_at + timedelta(hours=1),
    )


def refusal(claim, **words):
    with pytest.raises(ValidationError) as refused:
        objects(claim, **words)
    return refused.value.code


def test_an_objection_gives_the_claim_back_while_its_time_runs_on(
    ann, repaired, mailoutbox, run_jobs
):
    objects(repaired)

    repaired.refresh_from_db()
    event = repaired.events.last()
    assert (repaired.status, repaired.decision, repaired.assignee) == ("submitted", None, None)
    assert repaired.due_at == repaired.filed_at + timedelta(days=5)
    assert (event.kind, event.actor) == ("objected", ann)
    assert (event.before, event.after) == ({"status": "repaired"}, {"status": "submitted"})
    run_jobs()
    assert mailoutbox[-1].subject == f"Claim {repaired.code}: we look at it again"


def test_after_the_five_days_a_remedy_is_due_at_once_and_staff_are_told(repaired):
    now = repaired.decision.decided_at + timedelta(days=4, hours=23)

    objects(repaired, now=now)

    repaired.refresh_from_db()
    assert repaired.due_at == now
    assert deadlines.say_remedy_is_due(claim_id=repaired.pk, now=now)


@pytest.mark.parametrize(("beyond", "late"), [(-1, False), (0, True), (1, True)])
def test_it_comes_within_five_days_of_the_repair(beyond, late, repaired):
    now = repaired.decision.decided_at + timedelta(days=5) + beyond * MICROSECOND

    if late:
        assert refusal(repaired, now=now) == "repair"
    else:
        objects(repaired, now=now)
    repaired.refresh_from_db()
    assert repaired.is_open is not late


def test_it_says_what_is_wrong(repaired):
    assert refusal(repaired, message="Still bad.") == "clear-reason"


def test_it_is_said_once(sue, repaired):
    objects(repaired)
    later = timezone.now() + timedelta(days=2)
    step(repairs.start_repair, repaired, sue, now=later)
    step(repairs.mark_repaired, repaired, sue, now=later)
    repaired.refresh_from_db()

    assert repaired.decision.round == 2
    assert refusal(repaired) == "repair"
    event = repaired.events.get(kind="objected")
    event.pk, event.submission = None, None
    with pytest.raises(IntegrityError, match="repair_is_objected_to_once"), transaction.atomic():
        event.save(force_insert=True)


def test_whoever_repaired_it_may_decide_again(sue, repaired):
    objects(repaired)

    decision = approve(
        claim_id=repaired.pk, by=sue, seen=newest_event(repaired), answers=ANSWERS, note="",
        now=timezone.now() + timedelta(days=2),
    )  # fmt: skip

    assert (decision.round, decision.outcome) == (2, "refund")


def test_only_its_customer_objects_and_only_to_a_repair(ann, bob, repaired):
    with pytest.raises(PermissionDenied):
        objects(repaired, by=bob)
    assert refusal(make_claim(make_order(ann)), now=timezone.now()) == "repair"
