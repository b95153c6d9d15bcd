"""The steps that time brings: reminders, the end of waiting, and a remedy that is due."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from claims import wording
from claims.actions.customer import evidence
from claims.actions.review import conversation, deadlines, repairs
from claims.models import Claim, Decision
from claims.queries.customer import time_limits
from tests.makers import ANSWERS, make_claim, make_lease, make_order, newest_event
from tests.reviewing import ask_for_evidence, take

MICROSECOND = timedelta(microseconds=1)
NOW = timezone.now().replace(microsecond=500)


@pytest.fixture
def asked(ann, sue):
    """Return a claim whose customer was asked for something just now."""
    claim = make_claim(make_order(ann, sms=True), kind="invalid_number", proofs=("screenshot",))
    return ask(claim, sue, at=NOW)


def ask(claim, by, *, at):
    ask_for_evidence(claim_id=claim.pk, by=by, seen=newest_event(claim), note="Show it.", now=at)
    claim.refresh_from_db()
    return claim


def reminded(claim, *, asked_at=NOW):
    assert deadlines.remind(claim_id=claim.pk, now=asked_at + timedelta(days=2))
    return claim


def deferred(task):
    return ProcrastinateJob.objects.filter(task_name=task)


def kinds(claim):
    return list(claim.events.values_list("kind", flat=True))


@pytest.mark.parametrize(("beyond", "reminded"), [(-1, False), (0, True), (1, True)])
def test_a_customer_is_reminded_after_two_days(beyond, reminded, asked):
    now = NOW + timedelta(days=2) + beyond * MICROSECOND

    assert deadlines.remind(claim_id=asked.pk, now=now) is reminded

    events = list(asked.events.filter(kind="reminded"))
    assert [event.at for event in events] == [now] * reminded
    told = [job.args["event_id"] for job in deferred("claims.tell_customer")]
    assert [event.pk in told for event in events] == [True] * reminded


def test_a_customer_is_reminded_once(asked):
    later = NOW + timedelta(days=3)

    assert deadlines.remind(claim_id=asked.pk, now=later)
    assert not deadlines.remind(claim_id=asked.pk, now=later + timedelta(days=1))

    assert kinds(asked).count("reminded") == 1


def test_asking_again_starts_the_days_anew(asked, sue):
    reminded(asked)
    ask(asked, sue, at=NOW + timedelta(days=3))

    assert not deadlines.remind(claim_id=asked.pk, now=NOW + timedelta(days=4))
    reminded(asked, asked_at=NOW + timedelta(days=3))
    assert not deadlines.give_up(claim_id=asked.pk, now=NOW + timedelta(days=9))
    assert deadlines.give_up(claim_id=asked.pk, now=NOW + timedelta(days=10))


@pytest.mark.parametrize(("beyond", "ended"), [(-1, False), (0, True), (1, True)])
def test_a_claim_without_an_answer_ends_after_seven_days(beyond, ended, asked):
    reminded(asked)
    now = NOW + timedelta(days=7) + beyond * MICROSECOND

    assert deadlines.give_up(claim_id=asked.pk, now=now) is ended

    asked.refresh_from_db()
    if not ended:
        assert (asked.status, asked.decision) == ("waiting_customer", None)
        return
    assert (asked.status, asked.closed_at) == ("rejected", now)
    decision = asked.decision
    assert (decision.outcome, decision.by, decision.clause) == ("rejection", None, "proof")
    assert "7 days" in decision.note
    event = asked.events.get(kind="rejected")
    assert (event.actor, event.at, event.data["clause"]) == (None, now, "proof")
    assert asked.order.returned_at is None


@pytest.mark.parametrize(
    ("kind", "proofs", "two_factor", "clause"),
    [
        ("sms_not_received", (), False, "server-side"),
        ("invalid_number", ("screenshot",), False, "proof"),
        ("invalid_number", ("screenshot",), True, "telegram-2fa-video"),
        ("major_defect", (), False, "critical-defect"),
    ],
)
def test_it_ends_with_the_clause_that_lacks_its_proof(kind, proofs, two_factor, clause, ann, sue):
    order = make_order(ann, sms=kind != "sms_not_received", service="telegram")
    claim = ask(make_claim(order, kind=kind, proofs=proofs), sue, at=NOW)
    reminded(claim)
    Claim.objects.filter(pk=claim.pk).update(staff_two_factor=two_factor)

    deadlines.give_up(claim_id=claim.pk, now=NOW + timedelta(days=8))

    assert claim.decisions.get().clause == clause


def test_a_reminder_that_comes_late_leaves_as_much_time_as_one_in_time(asked):
    late = NOW + timedelta(days=20)
    assert not deadlines.give_up(claim_id=asked.pk, now=late)
    deadlines.remind(claim_id=asked.pk, now=late)

    asked.refresh_from_db()
    until = late + timedelta(days=5)
    assert time_limits.answer_until(asked) == until
    assert asked.events.get(kind="reminded").data["until"] == until.isoformat()
    assert not deadlines.give_up(claim_id=asked.pk, now=until - MICROSECOND)
    assert deadlines.give_up(claim_id=asked.pk, now=until)


def test_an_answer_returns_the_claim_to_its_place(asked):
    due_at = asked.due_at

    evidence.add_evidence(
        claim_id=asked.pk, by=asked.order.customer, uploads=[], message="Here it is.",
        submission=uuid4(), now=NOW + timedelta(days=6),
    )  # fmt: skip

    asked.refresh_from_db()
    assert (asked.status, asked.due_at) == ("submitted", due_at)
    assert not deadlines.remind(claim_id=asked.pk, now=NOW + timedelta(days=9))
    assert not deadlines.give_up(claim_id=asked.pk, now=NOW + timedelta(days=9))


def test_a_claim_that_a_reviewer_has_before_them_does_not_end(asked, sue):
    reminded(asked)
    now = NOW + timedelta(days=8)
    make_lease(asked, sue, now=now)

    assert not deadlines.give_up(claim_id=asked.pk, now=now)
    assert deadlines.give_up(claim_id=asked.pk, now=now + timedelta(minutes=6))


def test_a_reminder_is_in_nobodys_way(asked, sue):
    seen = newest_event(asked)
    now = NOW + timedelta(days=2)
    deadlines.remind(claim_id=asked.pk, now=now)

    take(asked.pk, by=sue, now=now)
    conversation.reply(claim_id=asked.pk, by=sue, seen=seen, note="Still there?", now=now)

    assert kinds(asked)[-2:] == ["reminded", "replied"]


@pytest.mark.parametrize(("beyond", "due"), [(-1, False), (0, True), (1, True)])
def test_staff_are_told_once_when_the_time_to_resolve_a_defect_is_over(beyond, due, ann):
    claim = make_claim(make_order(ann, sms=True), kind="major_defect")
    now = claim.filed_at + timedelta(days=5) + beyond * MICROSECOND

    assert deadlines.say_remedy_is_due(claim_id=claim.pk, now=now) is due
    assert not deadlines.say_remedy_is_due(claim_id=claim.pk, now=now - MICROSECOND)
    if due:
        assert not deadlines.say_remedy_is_due(claim_id=claim.pk, now=now + MICROSECOND)

    events = list(claim.events.filter(kind="remedy_due"))
    assert len(events) == due
    assert [job.args["event_id"] for job in deferred("claims.tell_staff")] == [
        event.pk for event in events
    ]
    claim.refresh_from_db()
    assert claim.status == "submitted"


def test_who_said_that_it_cannot_be_repaired_needs_no_telling(ann, sue):
    claim = make_claim(make_order(ann, sms=True), kind="major_defect")
    later = claim.filed_at + timedelta(days=1)
    for step in (repairs.start_repair, repairs.give_up_repair):
        take(claim.pk, by=sue, now=later)
        step(claim_id=claim.pk, by=sue, seen=newest_event(claim), note="Alas.", now=later)

    assert not deadlines.say_remedy_is_due(claim_id=claim.pk, now=later + timedelta(days=9))


def test_other_kinds_have_no_remedy_that_is_due(ann):
    claim = make_claim(make_order(ann))

    assert not deadlines.say_remedy_is_due(claim_id=claim.pk, now=NOW + timedelta(days=30))


def test_only_a_rejection_can_be_nobodys(ann, sue):
    claim = make_claim(make_order(ann, sms=True), kind="major_defect")
    later = timezone.now() + timedelta(seconds=1)
    take(claim.pk, by=sue, now=later)
    repairs.start_repair(claim_id=claim.pk, by=sue, seen=newest_event(claim), note="", now=later)
    receipt = claim.receipts.first()

    with pytest.raises(IntegrityError, match="only_a_rejection_is_nobodys"), transaction.atomic():
        Decision.objects.create(
            claim=claim, outcome="repair", note="Done.", by=None, decided_at=later,
            receipt=receipt, answers=ANSWERS,
        )  # fmt: skip


def test_nothing_waits_without_having_been_asked(ann):
    claim = make_claim(make_order(ann))

    with pytest.raises(IntegrityError, match="claim_that_waits_was_asked"), transaction.atomic():
        Claim.objects.filter(pk=claim.pk).update(status="waiting_customer")


def test_the_mail_that_asks_says_until_when(asked, run_jobs, mailoutbox):
    run_jobs()

    until = wording.in_words(NOW + timedelta(days=7))
    assert f"ends if nothing comes until {until}." in mailoutbox[-1].body
