"""Questions to a customer during a repair: the repair goes on, and the question ends nothing."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from claims import queries
from claims.actions.customer import evidence
from claims.actions.review import deadlines, leases, repairs
from claims.actions.uploads import inspection
from claims.inspection import FileProblem, InspectionReport
from claims.models import Claim, Event
from claims.queries.review import queue
from tests.makers import make_claim, make_lease, make_order, make_upload, newest_event
from tests.reviewing import ask_for_evidence

NOTE = "Which app shows the message?"


@pytest.fixture
def in_repair(ann, sue):
    claim = make_claim(make_order(ann, completed=True), kind="major_defect")
    make_lease(claim, sue)
    repairs.start_repair(claim_id=claim.pk, by=sue, seen=newest_event(claim), note="We are on it.",
                         now=timezone.now())  # fmt: skip
    claim.refresh_from_db()
    return claim


@pytest.fixture
def asked(in_repair, sue):
    ask_for_evidence(claim_id=in_repair.pk, by=sue, seen=newest_event(in_repair), note=NOTE,
                     now=timezone.now())  # fmt: skip
    in_repair.refresh_from_db()
    return in_repair


def answer(claim, *uploads, message="It is WhatsApp."):
    evidence.add_evidence(
        claim_id=claim.pk, by=claim.order.customer, uploads=[each.token for each in uploads],
        message=message, submission=uuid4(), now=timezone.now(),
    )  # fmt: skip
    claim.refresh_from_db()


def test_the_repair_and_its_days_go_on(in_repair, sue):
    due = in_repair.due_at

    ask_for_evidence(claim_id=in_repair.pk, by=sue, seen=newest_event(in_repair), note=NOTE,
                     now=timezone.now())  # fmt: skip

    in_repair.refresh_from_db()
    event = in_repair.events.last()
    assert (in_repair.status, in_repair.due_at) == (Claim.Status.REPAIRING, due)
    assert (in_repair.assignee, in_repair.wants_answer) == (sue, True)
    assert (event.kind, event.before, event.after) == (Event.Kind.EVIDENCE_REQUESTED, {}, {})
    assert in_repair.messages.last().body == NOTE


def test_the_answer_leaves_the_repair_and_ends_the_wish(asked):
    answer(asked, make_upload(asked.order, state="accepted"))

    assert (asked.status, asked.wants_answer) == (Claim.Status.REPAIRING, False)
    assert asked.evidence.count() == 1
    assert asked.messages.last().body == "It is WhatsApp."


def test_reviewers_see_that_the_answer_came(asked, sue):
    seen = newest_event(asked)

    answer(asked)

    assert "Evidence added (Ann" in leases.events_since(asked, seen)


def test_the_claim_stays_where_it_is_in_the_queue(in_repair, sue, max_):
    def places(claim):
        tabs = [queue.Tab.OPEN, queue.Tab.WAITING, queue.Tab.MINE]
        return [queue.claims_on(tab, by=sue, now=timezone.now()).filter(pk=claim.pk).exists()
                for tab in tabs]  # fmt: skip

    before = places(in_repair)
    ask_for_evidence(claim_id=in_repair.pk, by=sue, seen=newest_event(in_repair), note=NOTE,
                     now=timezone.now())  # fmt: skip
    assert places(in_repair) == before
    answer(in_repair)
    assert places(in_repair) == before


@pytest.mark.parametrize("days", [2, 7, 30])
def test_nobody_is_reminded_and_nothing_is_given_up(days, asked):
    later = timezone.now() + timedelta(days=days)

    assert not queries.to_be_reminded(now=later).exists()
    assert not queries.to_be_given_up(now=later).exists()
    assert not deadlines.remind(claim_id=asked.pk, now=later)
    assert not deadlines.give_up(claim_id=asked.pk, now=later)


def test_a_remedy_is_due_at_its_old_time(asked):
    assert not queries.to_be_remedied(now=asked.due_at - timedelta(seconds=1)).exists()
    assert queries.to_be_remedied(now=asked.due_at).get() == asked


def test_the_mail_names_no_deadline(asked, run_jobs, mailoutbox):
    run_jobs()

    body = mailoutbox[-1].body
    assert f"while we work on the problem of claim {asked.code}, we need something" in body
    assert NOTE in body
    assert "The repair goes on meanwhile." in body
    assert "ends" not in body
    assert "in time" not in body


def test_the_german_mail_names_no_deadline(asked, ann, run_jobs, mailoutbox):
    ann.language = "de"
    ann.save()

    run_jobs()

    body = mailoutbox[-1].body
    assert f"während wir an dem Problem der Reklamation {asked.code} arbeiten" in body
    assert NOTE in body
    assert "Die Reparatur geht inzwischen weiter." in body
    assert "endet" not in body
    assert "fristgerecht" not in body


def test_a_question_from_before_the_repair_is_none_of_it(ann, sue):
    claim = make_claim(make_order(ann, completed=True), kind="major_defect")
    ask_for_evidence(claim_id=claim.pk, by=sue, seen=newest_event(claim), note=NOTE,
                     now=timezone.now())  # fmt: skip
    make_lease(claim, sue)

    repairs.start_repair(claim_id=claim.pk, by=sue, seen=newest_event(claim), note="",
                         now=timezone.now())  # fmt: skip

    claim.refresh_from_db()
    assert (claim.status, claim.wants_answer) == (Claim.Status.REPAIRING, False)


def test_an_answer_that_cannot_be_used_is_asked_for_again(asked):
    file = make_upload(asked.order)
    answer(asked, file)
    report = InspectionReport(
        ok=False, sha256=file.sha256, size=file.size, problem=FileProblem.DAMAGED
    )

    inspection.finish_inspection(upload_id=file.pk, report=report, stored=[], now=timezone.now())

    asked.refresh_from_db()
    assert (asked.status, asked.wants_answer) == (Claim.Status.REPAIRING, True)
