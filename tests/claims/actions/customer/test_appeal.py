"""Appeals against a rejection: once, in time, with something new, and decided by somebody else."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from claims import policy, queries
from claims.actions.customer import appeals
from claims.actions.orders import automatic_returns
from claims.actions.review import (
    approvals,
    bulk,
    deadlines,
    decisions,
    guards,
    incidents,
    leases,
    reopening,
)
from claims.models import Claim, Decision, Event
from tests.makers import (
    ANSWERS,
    make_claim,
    make_order,
    make_staff,
    make_upload,
    newest_event,
)
from tests.reviewing import approve, ask_for_evidence, reject

MICROSECOND = timedelta(microseconds=1)
WORDS = "Their log shows that it was never delivered."


@pytest.fixture
def rejected(ann, sue):
    claim = make_claim(make_order(ann))
    refuse(claim, sue)
    claim.refresh_from_db()
    return claim


def refuse(claim, by, *, now=None):
    return reject(
        claim_id=claim.pk, by=by, seen=newest_event(claim), answers={}, clause="server-side",
        note="It was sent.", now=now or timezone.now(),
    )  # fmt: skip


def grant(claim, by, *, now=None):
    return approve(
        claim_id=claim.pk, by=by, seen=newest_event(claim), answers=ANSWERS, note="",
        now=now or timezone.now(),
    )  # fmt: skip


def appeal(claim, *, by=None, message=WORDS, uploads=(), submission=None, now=None):
    return appeals.appeal(
        claim_id=claim.pk,
        by=by or claim.order.customer,
        uploads=[upload.token for upload in uploads],
        message=message,
        submission=submission or uuid4(),
        now=now or timezone.now(),
    )


def refusal(claim, **words):
    with pytest.raises(ValidationError) as refused:
        appeal(claim, **words)
    return refused.value.code


def test_an_appeal_gives_the_claim_back_to_the_reviewers(ann, rejected, run_jobs, mailoutbox):
    run_jobs()
    Claim.objects.filter(pk=rejected.pk).update(assignee=make_staff("kim@example.com", "Support"))

    appeal(rejected)

    rejected.refresh_from_db()
    event = rejected.events.last()
    assert (rejected.status, rejected.closed_at, rejected.decision) == ("submitted", None, None)
    assert rejected.assignee is None
    assert rejected.due_at == event.at + timedelta(hours=24)
    assert (event.kind, event.actor) == ("appealed", ann)
    assert (event.before, event.after) == ({"status": "rejected"}, {"status": "submitted"})
    assert rejected.messages.get().body == WORDS
    run_jobs()
    assert mailoutbox[-1].subject == f"Claim {rejected.code}: we have your appeal"


@pytest.mark.parametrize(("beyond", "late"), [(-1, False), (0, True), (1, True)])
def test_it_comes_within_five_days_of_the_decision(beyond, late, rejected):
    now = rejected.decision.decided_at + timedelta(days=5) + beyond * MICROSECOND

    if late:
        assert refusal(rejected, now=now) == "appeal"
    else:
        appeal(rejected, now=now)
    rejected.refresh_from_db()
    assert rejected.is_open is not late


@pytest.mark.parametrize("message", ["", "  ", "It is so.", "a \u200b" * 9])
def test_it_says_or_shows_something_new(message, rejected):
    assert refusal(rejected, message=message) == "clear-reason"
    rejected.refresh_from_db()
    assert rejected.status == "rejected"

    upload = make_upload(rejected.order)
    appeal(rejected, message=message, uploads=[upload])

    assert [item.upload for item in rejected.evidence.all()] == [upload]


def test_a_claim_is_appealed_once(rejected, max_):
    appeal(rejected)
    assert refusal(rejected) == "appeal"
    refuse(rejected, max_)

    assert refusal(rejected) == "appeal"


def test_the_same_form_sent_again_adds_nothing(rejected):
    submission = uuid4()
    for _ in range(2):
        appeal(rejected, submission=submission)

    assert rejected.messages.count() == 1
    assert rejected.events.filter(kind="appealed").count() == 1


def test_the_database_refuses_a_second_appeal(rejected):
    appeal(rejected)
    event = rejected.events.get(kind="appealed")
    event.pk, event.submission = None, None

    with pytest.raises(IntegrityError, match="claim_is_appealed_only_once"), transaction.atomic():
        event.save(force_insert=True)


def test_only_its_customer_appeals(bob, rejected):
    with pytest.raises(PermissionDenied):
        appeal(rejected, by=bob)


def test_only_a_rejection_is_appealed(ann, sue):
    waiting, granted = make_claim(make_order(ann)), make_claim(make_order(ann))
    grant(granted, sue)

    assert refusal(waiting) == "appeal"
    assert refusal(granted) == "appeal"


def test_what_has_a_newer_claim_or_its_price_back_is_not_appealed(ann, sue, rejected):
    other = make_claim(make_order(ann))
    refuse(other, sue)
    make_claim(rejected.order)
    assert refusal(rejected) == "appeal"

    other.order.__class__.objects.filter(pk=other.order_id).update(activation="cancelled")
    automatic_returns.return_expired(now=timezone.now())
    assert refusal(other) == "appeal"


def test_another_person_decides(sue, max_, rejected):
    appeal(rejected)

    for act in (grant, refuse):
        with pytest.raises(ValidationError) as refused:
            act(rejected, sue)
        assert refused.value.code == "another-person"
    decision = grant(rejected, max_, now=timezone.now() + timedelta(minutes=9))

    rejected.refresh_from_db()
    assert (decision.round, rejected.status) == (2, "refunded")


def test_the_database_wants_another_person_too(sue, rejected, monkeypatch):
    """The trigger refuses the decision even if the action doesn't."""
    appeal(rejected)
    monkeypatch.setattr(guards, "exclusions_of", lambda *args, **words: [])
    monkeypatch.setattr(decisions, "refuse_who_judged_before", lambda claim, by: None)

    with pytest.raises(DatabaseError, match="another person"):
        grant(rejected, sue)

    assert Decision.objects.filter(claim=rejected).count() == 1
    assert rejected.order.returned_at is None


def test_next_claim_gives_it_to_somebody_else(sue, max_, rejected):
    appeal(rejected)
    leasing_now = timezone.now() + timedelta(hours=1)

    assert leases.take_next(by=sue, now=leasing_now) is None
    assert leases.take_next(by=max_, now=leasing_now) == rejected


def test_what_is_foreseen_for_many_at_once_knows_it_too(ann, sue, max_, rejected):
    appeal(rejected)
    claims = list(queries.with_their_state(Claim.objects.filter(pk=rejected.pk)))
    seen = {rejected.pk: newest_event(rejected)}
    later = timezone.now() + timedelta(minutes=9)
    wanted = bulk.BulkRequest(
        step=bulk.BulkAction.REJECT, clause="server-side", note="It was sent."
    )

    def left(by):
        answers = dict.fromkeys(policy.Clause, "met")
        (alone,) = bulk.foresee(claims, wanted=wanted, seen=seen, by=by, now=later)
        (grouped,) = incidents.foresee(claims, by=by, answers=answers, seen=seen, now=later)
        return {alone.left, grouped.left}

    assert left(sue) == {approvals.JUDGED}
    assert left(max_) == {""}


def test_whoever_decided_before_may_still_ask(sue, rejected):
    appeal(rejected)

    ask_for_evidence(
        claim_id=rejected.pk, by=sue, seen=newest_event(rejected), note="Show it.",
        now=timezone.now(),
    )  # fmt: skip

    rejected.refresh_from_db()
    assert rejected.status == "waiting_customer"


def test_what_time_has_ended_can_be_appealed_to_anybody(ann, sue):
    claim = make_claim(make_order(ann))
    asked = timezone.now()
    ask_for_evidence(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), note="Show it.", now=asked
    )
    deadlines.remind(claim_id=claim.pk, now=asked + timedelta(days=2))
    deadlines.give_up(claim_id=claim.pk, now=asked + timedelta(days=7))

    appeal(claim, now=asked + timedelta(days=8))

    assert queries.judged_among([claim.pk], by=sue) == set()
    assert grant(claim, sue).round == 2


def test_a_claim_is_decided_three_times_at_most(sue, max_, rejected):
    kim = make_staff("kim@example.com", "Supervisor")
    appeal(rejected)
    refuse(rejected, max_)
    reopening.reopen(claim_id=rejected.pk, by=kim, note="Once more.", now=timezone.now())
    last = refuse(rejected, kim)

    assert last.round == 3
    assert Event.objects.filter(claim=rejected, kind="rejected").count() == 3
    with pytest.raises(ValidationError):
        reopening.reopen(claim_id=rejected.pk, by=kim, note="Again.", now=timezone.now())
