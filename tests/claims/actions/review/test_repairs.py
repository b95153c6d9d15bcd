"""The outcomes of a defect: repaired, not repairable, or an offer of a replacement."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from claims.actions.review import repairs
from claims.models import Claim, Decision, Event, Lease
from tests.makers import ANSWERS, make_claim, make_lease, make_order, newest_event
from tests.reviewing import approve

Status = Claim.Status
NOTE = "We know what it is."


@pytest.fixture
def defect(ann):
    now = timezone.now() - timedelta(days=1)
    order = make_order(ann, purchased_at=now - timedelta(hours=1), completed=True)
    return make_claim(order, kind="major_defect", now=now)


def step(action, claim, by, note=NOTE, now=None):
    make_lease(claim, by)
    now = now or timezone.now()
    made = action(claim_id=claim.pk, by=by, seen=newest_event(claim), note=note, now=now)
    claim.refresh_from_db()
    return made


def refusal(action, claim, by, **words):
    with pytest.raises(ValidationError) as refused:
        step(action, claim, by, **words)
    return refused.value.code


def test_a_repair_becomes_the_reviewers_own_work(sue, defect, mailoutbox, run_jobs):
    due = defect.due_at
    run_jobs()

    step(repairs.start_repair, defect, sue)

    run_jobs()
    event = defect.events.last()
    assert (defect.status, defect.assignee, defect.due_at) == (Status.REPAIRING, sue, due)
    assert (event.kind, event.after) == (Event.Kind.REPAIR_STARTED, {"status": "repairing"})
    assert defect.messages.get().body == NOTE
    assert NOTE in mailoutbox[-1].body
    assert not Lease.objects.exists()


def test_a_repair_ends_with_a_decision_that_pays_nothing(sue, defect):
    step(repairs.start_repair, defect, sue)

    decision = step(repairs.mark_repaired, defect, sue)

    assert (decision.outcome, decision.transfer) == (Decision.Outcome.REPAIR, None)
    assert (defect.status, defect.decision) == (Status.REPAIRED, decision)
    assert defect.order.returned_at is None


def test_what_cannot_be_repaired_is_due_at_once_and_then_refunded(sue, defect):
    step(repairs.start_repair, defect, sue)
    now = timezone.now()

    step(repairs.give_up_repair, defect, sue, now=now)

    assert (defect.status, defect.due_at) == (Status.SUBMITTED, now)
    assert Lease.objects.get().holder == sue
    approve(
        claim_id=defect.pk, by=sue, seen=newest_event(defect), answers=ANSWERS, note="",
        now=timezone.now(),
    )  # fmt: skip
    defect.refresh_from_db()
    assert defect.status == Status.REFUNDED


def test_giving_up_late_makes_nothing_less_due(sue, defect):
    step(repairs.start_repair, defect, sue)
    due = defect.due_at

    step(repairs.give_up_repair, defect, sue)
    defect.refresh_from_db()

    assert defect.due_at < due


def test_only_defects_are_repaired(ann, sue):
    assert refusal(repairs.start_repair, make_claim(make_order(ann)), sue) == "repair"


@pytest.mark.parametrize("action", [repairs.mark_repaired, repairs.give_up_repair])
def test_only_a_repair_that_has_started_ends(action, sue, defect):
    assert refusal(action, defect, sue) == "status"
