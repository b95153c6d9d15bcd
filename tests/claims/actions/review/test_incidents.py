from decimal import Decimal
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import CreditTransfer
from claims import queries
from claims.actions.review import decisions, incidents
from claims.jobs.review import work_off_incident
from claims.models import Claim, Decision, Event, Incident, IncidentClaim
from tests.claims.actions.review.group_answers import (
    answer,
    balance,
    codes,
    group_of,
    make_one,
    state_of,
    work_off,
)


def test_an_answer_has_each_claim_approved_on_its_own_row(ann, bob, sue, run_jobs):
    claims = [make_one(ann, price="1.50"), make_one(bob, price="2.25")]
    incident = answer(*claims, by=sue)
    assert (incident.state, Decision.objects.count()) == ("running", 0)

    assert run_jobs().count("claims.work_off_incident") == 1

    incident.refresh_from_db()
    assert incident.state == "done"
    assert incident.ended_at is not None
    assert (balance(ann), balance(bob)) == (Decimal("1.50"), Decimal("2.25"))
    for claim in claims:
        claim.refresh_from_db()
        assert claim.status == Claim.Status.REFUNDED
        assert claim.decision.by == sue
        assert claim.decision.note == "Our fault."
        assert claim.decision.answers == {
            "terms": "met", "server-side": "met", "third-party": "met",
            "activation-complete": "met",
        }  # fmt: skip
        refunded = claim.events.get(kind=Event.Kind.REFUNDED)
        assert refunded.data["incident"] == incident.pk
        assert refunded.actor == sue
        assert state_of(claim) == "approved"
    result = queries.results_of([incident])[incident.pk]
    assert (result.total, result.approved, result.left) == (2, 2, 0)
    assert result.returned == {"EUR": Decimal("3.75")}


def test_only_what_was_picked_is_decided(ann, sue):
    picked, other = make_one(ann), make_one(ann)

    work_off(answer(picked, by=sue))

    other.refresh_from_db()
    assert other.status == Claim.Status.SUBMITTED
    assert not IncidentClaim.objects.filter(claim=other).exists()


def test_a_claim_of_another_group_is_never_decided_by_the_answer(ann, sue):
    here, there = make_one(ann), make_one(ann, service="viber")

    work_off(answer(here, there, by=sue))

    there.refresh_from_db()
    assert there.status == Claim.Status.SUBMITTED
    assert IncidentClaim.objects.count() == 1


def test_a_form_sent_twice_is_one_incident(ann, sue):
    claims, submission = [make_one(ann), make_one(ann)], uuid4()

    first = answer(*claims, by=sue, submission=submission)
    second = answer(*claims, by=sue, submission=submission)

    assert first == second
    assert Incident.objects.count() == 1
    assert IncidentClaim.objects.count() == 2
    assert ProcrastinateJob.objects.filter(task_name=incidents.WORK_OFF).count() == 1


def test_an_answer_needs_a_reason_and_a_claim(ann, sue):
    claim = make_one(ann)

    with pytest.raises(ValidationError) as nothing_said:
        answer(claim, by=sue, because="  ")
    with pytest.raises(ValidationError) as nothing_picked:
        answer(by=sue, group=group_of(claim))

    assert codes(nothing_said) == {"because"}
    assert codes(nothing_picked) == {"claims"}
    assert not Incident.objects.exists()


def test_more_than_can_be_looked_at_is_refused(ann, sue, monkeypatch):
    monkeypatch.setattr(incidents, "MOST_AT_ONCE", 1)

    with pytest.raises(ValidationError) as too_many:
        answer(make_one(ann), make_one(ann), by=sue)

    assert codes(too_many) == {"claims"}


@pytest.mark.parametrize("who", ["rita", "otto", "ann"])
def test_who_decides_no_claims_answers_for_none(who, ann, request):
    by = request.getfixturevalue(who)
    claim = make_one(ann)

    with pytest.raises(PermissionDenied):
        answer(claim, by=by)

    assert not Incident.objects.exists()


def test_what_nobody_foresaw_is_raised_and_the_claim_still_waits(ann, sue, monkeypatch):
    claims = [make_one(ann), make_one(ann)]
    incident = answer(*claims, by=sue)
    real, calls = decisions.tell_customer, []

    def breaks(event):
        calls.append(event)
        if len(calls) == 2:
            raise OSError("The disk is full.")
        real(event)

    monkeypatch.setattr(decisions, "tell_customer", breaks)
    with pytest.raises(OSError, match="full"):
        work_off(incident)
    incident.refresh_from_db()
    assert incident.state == "running"
    assert [state_of(claim) for claim in claims] == ["approved", "waiting"]
    assert CreditTransfer.objects.filter(kind="return").count() == 1

    work_off(incident)

    assert [state_of(claim) for claim in claims] == ["approved", "approved"]
    assert balance(ann) == 2 * claims[0].order.price


def test_the_job_is_tried_again_without_end():
    job = SimpleNamespace(attempts=50)
    decision = work_off_incident.retry_strategy.get_retry_decision(exception=OSError(), job=job)

    assert decision is not None


def test_stopped_nothing_more_is_decided_and_resumed_it_goes_on(ann, sue, max_, run_jobs):
    claims = [make_one(ann), make_one(ann), make_one(ann)]
    incident = answer(*claims, by=sue)
    incidents.work_on_next(incident_id=incident.pk, now=timezone.now())
    incidents.stop(incident_id=incident.pk, by=max_, now=timezone.now())

    run_jobs()

    incident.refresh_from_db()
    assert (incident.state, incident.stopped_by) == ("stopped", max_)
    assert [state_of(claim) for claim in claims] == ["approved", "waiting", "waiting"]
    assert CreditTransfer.objects.filter(kind="return").count() == 1

    incidents.resume(incident_id=incident.pk, by=max_)
    run_jobs()

    incident.refresh_from_db()
    assert (incident.state, incident.stopped_by) == ("done", None)
    assert {state_of(claim) for claim in claims} == {"approved"}
    assert {decision.by for decision in Decision.objects.all()} == {sue}


def test_resuming_while_a_job_waits_makes_no_second_one(ann, sue):
    incident = answer(make_one(ann), by=sue)
    incidents.stop(incident_id=incident.pk, by=sue, now=timezone.now())

    incidents.resume(incident_id=incident.pk, by=sue)

    assert ProcrastinateJob.objects.filter(task_name=incidents.WORK_OFF, status="todo").count() == 1
    incident.refresh_from_db()
    assert incident.state == "running"


def test_only_what_runs_is_stopped_and_only_what_is_stopped_goes_on(ann, sue):
    incident = answer(make_one(ann), by=sue)
    with pytest.raises(ValidationError) as not_stopped:
        incidents.resume(incident_id=incident.pk, by=sue)
    work_off(incident)
    with pytest.raises(ValidationError) as done:
        incidents.stop(incident_id=incident.pk, by=sue, now=timezone.now())

    assert codes(not_stopped) == codes(done) == {"status"}
    incident.refresh_from_db()
    assert incident.state == "done"


@pytest.mark.parametrize("who", ["rita", "otto"])
def test_who_decides_no_claims_stops_and_resumes_nothing(who, ann, sue, request):
    by = request.getfixturevalue(who)
    incident = answer(make_one(ann), by=sue)

    with pytest.raises(PermissionDenied):
        incidents.stop(incident_id=incident.pk, by=by, now=timezone.now())
    with pytest.raises(PermissionDenied):
        incidents.resume(incident_id=incident.pk, by=by)
