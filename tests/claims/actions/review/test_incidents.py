from datetime import UTC, timedelta
from decimal import Decimal
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import CreditAccount, CreditTransfer
from claims import queries
from claims.actions.customer import withdrawal
from claims.actions.review import conversation, decisions, incidents
from claims.jobs.review import work_off_incident
from claims.models import Approval, ApprovalLimit, Claim, Decision, Event, Incident, IncidentClaim
from claims.queries.review import incidents as reading
from tests.makers import ANSWERS, make_claim, make_lease, make_order, newest_event
from tests.reviewing import approve, reject

OTHERS = dict.fromkeys(("terms", "third-party", "api-misuse", "activation-complete"), "met")
BECAUSE = "The supplier's gateway was down from 10:05 to 10:50."


def this_hour():
    """The hour that began between two hours and one hour ago, in which everything is bought."""
    return timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)


def make_one(customer, *, at=None, **fields):
    """A claim of the group. An SMS is on record, or the price would go back by itself."""
    at = at or this_hour() + timedelta(minutes=7)
    order = make_order(customer, purchased_at=at, **{"sms": True} | fields)
    return make_claim(order)


def group_of(claim):
    hour = claim.order.purchased_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return queries.ClaimGroup(claim.supplier, claim.service, claim.country, hour)


def answer(*claims, by, others=OTHERS, because=BECAUSE, note="Our fault.", **fields):
    return incidents.answer_group(
        group=fields.pop("group", None) or group_of(claims[0]),
        by=by,
        answer=incidents.GroupAnswer(because=because, note=note, others=others),
        picked={claim.pk: newest_event(claim) for claim in claims},
        submission=fields.pop("submission", None) or uuid4(),
        now=timezone.now(),
    )


def work_off(incident):
    incidents.work_off(incident_id=incident.pk, clock=timezone.now)
    incident.refresh_from_db()


def state_of(claim):
    item = IncidentClaim.objects.get(claim=claim)
    return item.state


def why(claim):
    item = IncidentClaim.objects.get(claim=claim)
    assert item.state == "left"
    return item.why


def balance(user):
    return CreditAccount.objects.get(owner=user).balance


def codes(error):
    return {part.code for part in error.value.error_list}


# Groups


def found():
    return queries.open_groups(now=timezone.now())


def test_claims_of_one_supply_and_hour_are_one_group(ann, bob):
    hour = this_hour()
    make_one(ann, at=hour)
    make_one(bob, at=hour + timedelta(minutes=59, seconds=59))
    make_one(ann, at=hour + timedelta(hours=1))
    make_one(ann, at=hour - timedelta(microseconds=1))
    make_one(ann, at=hour, service="viber")
    make_one(ann, at=hour, country="FR")

    (only,) = found()

    assert only.group == queries.ClaimGroup("north", "whatsapp", "DE", hour)
    assert (only.waiting, only.filed) == (2, 2)


def test_other_kinds_and_closed_claims_are_not_waiting_in_a_group(ann, sue):
    first, second, third = (make_one(ann) for _ in range(3))
    make_claim(make_order(ann, purchased_at=this_hour(), sms=True), kind="major_defect")
    withdrawal.withdraw_claim(claim_id=third.pk, by=ann, now=timezone.now())

    (only,) = found()

    assert (only.waiting, only.filed) == (2, 3)
    withdrawal.withdraw_claim(claim_id=second.pk, by=ann, now=timezone.now())
    assert found() == []
    assert Claim.objects.get(pk=first.pk).is_open


def test_what_waits_for_its_customer_is_in_the_group_too(ann, sue):
    claims = [make_one(ann), make_one(ann)]
    make_lease(claims[0], sue)
    conversation.ask_for_evidence(
        claim_id=claims[0].pk, by=sue, seen=newest_event(claims[0]), note="?", now=timezone.now()
    )

    assert found()[0].waiting == 2


def test_purchases_of_long_ago_are_not_grouped(ann):
    old = timezone.now() - reading.RECENT - timedelta(hours=2)
    for _ in range(2):
        order = make_order(ann, purchased_at=old)
        make_claim(order, now=old + timedelta(hours=1))

    assert found() == []


def test_five_claims_out_of_nothing_are_unusual_and_four_are_not(ann):
    for _ in range(4):
        make_one(ann)
    assert not found()[0].is_unusual

    make_one(ann)

    (group,) = found()
    assert group.is_unusual
    assert (group.usual, group.score) == (0, 5)


@pytest.mark.parametrize(("claims", "is_unusual"), [(8, False), (9, True)])
def test_a_group_is_unusual_from_three_deviations_on(claims, is_unusual, ann, monkeypatch):
    """Six claims in two hours are three an hour: nine are (9 - 3) / √4 = 3 deviations above."""
    monkeypatch.setattr(reading, "PAST_HOURS", 2)
    hour = this_hour()
    for _ in range(6):
        make_one(ann, at=hour - timedelta(hours=2))
    make_one(ann, at=hour - timedelta(hours=3))
    for _ in range(claims):
        make_one(ann, at=hour)

    group = next(group for group in found() if group.group.hour == hour)

    assert group.usual == 3
    assert group.is_unusual == is_unusual


def test_the_past_counts_closed_claims_and_hours_without_any(ann, sue):
    hour = this_hour()
    closed = make_one(ann, at=hour - timedelta(hours=5))
    reject(
        claim_id=closed.pk, by=sue, seen=newest_event(closed), answers={}, clause="server-side",
        note="No.", now=timezone.now(),
    )  # fmt: skip
    make_one(ann, at=hour - timedelta(hours=5), service="viber")
    for _ in range(2):
        make_one(ann, at=hour)

    (group,) = found()

    assert group.usual == pytest.approx(1 / (14 * 24))


def test_unusual_groups_come_first(ann):
    for _ in range(5):
        make_one(ann, service="viber", at=this_hour() - timedelta(hours=1))
    for _ in range(3):
        make_one(ann, service="google")

    assert [(each.group.service, each.is_unusual) for each in found()] == [
        ("viber", True),
        ("google", False),
    ]


def test_the_groups_are_one_statement_however_many_there_are(ann):
    for service in ("viber", "google", "discord"):
        for _ in range(2):
            make_one(ann, service=service)

    with CaptureQueriesContext(connection) as queried:
        assert len(found()) == 3

    assert len(queried) == 1


# Answering


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


# What is left, and why


def test_a_claim_with_a_failing_clause_is_left_and_says_which(ann, bob, sue):
    good, late = make_one(ann), make_one(bob)
    incident = answer(good, late, by=sue)
    order = late.order
    # As the shop reports it meanwhile.
    order.activation, order.sms_received_at = "completed", order.purchased_at
    order.completed_at = order.purchased_at
    order.save()

    work_off(incident)

    late.refresh_from_db()
    assert incident.state == "done"
    assert state_of(good) == "approved"
    assert "an SMS arrived and the activation was completed" in why(late)
    assert late.status == Claim.Status.SUBMITTED
    assert balance(bob) == 0


def test_a_claim_that_someone_else_has_before_them_is_left(ann, sue, max_):
    claim = make_one(ann)
    make_lease(claim, max_)

    work_off(answer(claim, by=sue))

    assert why(claim).startswith("Max has this claim before them until ")
    assert balance(ann) == 0


def test_the_reviewers_own_lease_and_one_that_is_over_are_no_hindrance(ann, sue, max_):
    mine, over = make_one(ann), make_one(ann)
    make_lease(mine, sue)
    make_lease(over, max_, now=timezone.now() - timedelta(hours=1))

    work_off(answer(mine, over, by=sue))

    assert (state_of(mine), state_of(over)) == ("approved", "approved")


def test_a_claim_of_ones_own_is_left(ann, sue):
    own, other = make_one(sue), make_one(ann)

    work_off(answer(own, other, by=sue))

    assert why(own) == "Nobody decides a claim of their own."
    assert state_of(other) == "approved"


def test_above_the_limit_the_answer_is_the_first_of_two_approvals(ann, sue, max_):
    ApprovalLimit.objects.create(currency="EUR", amount=Decimal("2.00"))
    claim = make_one(ann, price="2.50")

    work_off(answer(claim, by=sue))

    claim.refresh_from_db()
    assert "2.50 EUR is more than one person pays alone" in why(claim)
    assert Approval.objects.get().by == sue
    assert claim.approval == Approval.objects.get()
    assert balance(ann) == 0


def test_the_second_persons_answer_pays(ann, sue, max_):
    ApprovalLimit.objects.create(currency="EUR", amount=Decimal("2.00"))
    claim = make_one(ann, price="2.50")
    approve(
        claim_id=claim.pk, by=max_, seen=newest_event(claim), answers=ANSWERS, note="",
        now=timezone.now(),
    )  # fmt: skip

    work_off(answer(claim, by=sue))

    assert state_of(claim) == "approved"
    assert balance(ann) == Decimal("2.50")


def test_an_unanswered_question_and_one_answered_against_it_leave_a_claim(ann, bob, sue):
    web, api = make_one(ann), make_one(bob, channel="api")

    work_off(answer(web, api, by=sue, others=OTHERS | {"api-misuse": ""}))
    work_off(answer(again := make_one(ann), by=sue, others=OTHERS | {"terms": "failed"}))

    assert state_of(web) == "approved"
    assert why(api) == "Correct use of the API: answer the question first."
    assert why(again) == "Terms and return policy: answered against the claim."


def test_a_claim_that_has_moved_on_since_it_was_seen_is_left(ann, sue):
    claim = make_one(ann)
    incident = answer(claim, by=sue)
    Event.objects.create(
        kind="evidence_added", order=claim.order, claim=claim, at=timezone.now(), actor=ann
    )

    work_off(incident)

    assert "Evidence added (Ann" in why(claim)
    assert balance(ann) == 0


def test_a_claim_that_was_withdrawn_meanwhile_is_left(ann, sue):
    claim = make_one(ann)
    incident = answer(claim, by=sue)
    withdrawal.withdraw_claim(claim_id=claim.pk, by=ann, now=timezone.now())

    work_off(incident)

    assert "it was withdrawn on" in why(claim)


def test_who_may_no_longer_decide_decides_nothing_more(ann, sue):
    claim = make_one(ann)
    incident = answer(claim, by=sue)
    sue.groups.clear()

    work_off(incident)

    assert why(claim) == "Only Support and Supervisors decide claims."
    assert balance(ann) == 0


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


# Stopping


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


# Foreseeing


def test_what_is_foreseen_is_what_happens(ann, bob, sue, max_):
    ApprovalLimit.objects.create(currency="EUR", amount=Decimal("3.00"))
    claims = [
        make_one(ann),
        make_one(bob, channel="api"),
        make_one(sue),
        make_one(ann, price="3.50"),
        make_one(bob),
        make_one(ann, price="4.50"),
        make_one(bob),
    ]
    make_lease(claims[4], max_)
    approve(
        claim_id=claims[5].pk, by=max_, seen=newest_event(claims[5]), answers=ANSWERS, note="",
        now=timezone.now(),
    )  # fmt: skip
    withdrawal.withdraw_claim(claim_id=claims[6].pk, by=bob, now=timezone.now())
    others = OTHERS | {"api-misuse": ""}
    incident = answer(*claims, by=sue, others=others)
    answers = incidents.GroupAnswer(because="…", others=others).by_clause
    read = queries.with_their_state(Claim.objects.filter(pk__in=[c.pk for c in claims]))

    seen = {claim.pk: newest_event(claim) for claim in claims}
    foreseen = incidents.foresee(read, by=sue, answers=answers, seen=seen, now=timezone.now())
    work_off(incident)

    left = {each.claim.pk: each.left for each in foreseen}
    assert left == dict(IncidentClaim.objects.values_list("claim", "why"))
    assert [bool(left[claim.pk]) for claim in claims] == [
        False, True, True, True, True, False, True,
    ]  # fmt: skip


def test_foreseeing_asks_as_much_for_many_claims_as_for_one(ann, sue):
    def ask():
        with CaptureQueriesContext(connection) as queried:
            read = queries.with_their_state(Claim.objects.all())
            seen = queries.newest_events(claim.pk for claim in read)
            incidents.foresee(read, by=sue, answers=OTHERS, seen=seen, now=timezone.now())
        return len(queried)

    make_one(ann)
    one = ask()
    for _ in range(5):
        make_one(ann)

    assert ask() == one


def test_the_questions_of_a_group_are_those_that_its_open_claims_ask(ann, bob, sue):
    make_one(ann, sms=False)
    asked = make_one(bob, channel="api")
    claims = queries.with_their_state(Claim.objects.all())
    assert incidents.questions_of(claims) == [
        "terms", "activation-complete", "api-misuse", "third-party",
    ]  # fmt: skip

    withdrawal.withdraw_claim(claim_id=asked.pk, by=bob, now=timezone.now())

    assert incidents.questions_of(claims.all()) == ["terms", "third-party"]
