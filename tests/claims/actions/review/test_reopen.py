import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from claims.actions.core.receipts import keep_receipt
from claims.actions.orders import automatic_returns
from claims.actions.review import reopening
from claims.models import Claim, Decision, Event
from tests.makers import ANSWERS, make_claim, make_order, newest_event
from tests.reviewing import approve, reject

NOTE = "The supplier's log says otherwise."


def refuse(claim, by):
    return reject(
        claim_id=claim.pk,
        by=by,
        seen=newest_event(claim),
        answers={},
        clause="server-side",
        note="It was sent.",
        now=timezone.now(),
    )


def reopen(claim, by, note=NOTE):
    return reopening.reopen(claim_id=claim.pk, by=by, note=note, now=timezone.now())


def refusal(claim, by, **words):
    with pytest.raises(ValidationError) as refused:
        reopen(claim, by, **words)
    return refused.value.code


@pytest.fixture
def rejected(ann, sue):
    claim = make_claim(make_order(ann))
    refuse(claim, sue)
    return claim


def test_a_supervisor_gives_a_rejected_claim_back(ann, max_, rejected, settings):
    first = rejected.decisions.get()

    claim = reopen(rejected, max_)

    claim.refresh_from_db()
    event = claim.events.last()
    assert (claim.status, claim.closed_at, claim.decision) == (Claim.Status.SUBMITTED, None, None)
    assert claim.due_at > timezone.now()
    assert list(claim.decisions.all()) == [first]
    assert (event.kind, event.actor) == (Event.Kind.REOPENED, max_)
    assert (event.before, event.after) == ({"status": "rejected"}, {"status": "submitted"})


def test_it_is_decided_once_more_and_both_decisions_stay(sue, max_, rejected):
    reopen(rejected, max_)

    second = approve(
        claim_id=rejected.pk, by=sue, seen=newest_event(rejected), answers=ANSWERS, note="",
        now=timezone.now(),
    )  # fmt: skip

    rejected.refresh_from_db()
    assert (second.round, rejected.decision) == (2, second)
    assert [d.outcome for d in rejected.decisions.order_by("round")] == ["rejection", "refund"]


def test_it_is_reopened_once(sue, max_, rejected):
    reopen(rejected, max_)
    refuse(rejected, sue)

    assert refusal(rejected, max_) == "reopened"


def test_the_database_refuses_a_second_reopening_and_a_third_decision(sue, max_, rejected):
    reopen(rejected, max_)
    decision = refuse(rejected, sue)
    event = rejected.events.get(kind="reopened")

    event.pk = None
    with pytest.raises(IntegrityError, match="claim_is_reopened_only_once"), transaction.atomic():
        event.save(force_insert=True)
    decision.pk, decision.round = None, 5
    with (
        pytest.raises(IntegrityError, match="claim_is_decided_a_few_times"),
        transaction.atomic(),
    ):
        decision.save(force_insert=True)
    decision.round, decision.receipt = (
        2,
        keep_receipt(
            claim=rejected, occasion="decided", facts=rejected.facts(), now=timezone.now()
        ),
    )
    with pytest.raises(IntegrityError, match="one_decision_per_round"), transaction.atomic():
        decision.save(force_insert=True)


def test_only_what_is_rejected_is_reopened(ann, max_):
    assert refusal(make_claim(make_order(ann)), max_) == "status"


def test_reopening_needs_a_note(max_, rejected):
    assert refusal(rejected, max_, note=" ") == "note"


def test_a_claim_beside_a_newer_open_one_stays_closed(ann, max_, rejected):
    make_claim(rejected.order)

    assert refusal(rejected, max_) == "one-live-claim"


def test_a_claim_whose_price_has_gone_back_stays_closed(max_, rejected):
    order = rejected.order
    order.__class__.objects.filter(pk=order.pk).update(activation="cancelled")
    assert automatic_returns.return_expired(now=timezone.now()) == 1

    assert refusal(rejected, max_) == "already-returned"


def test_support_reopens_nothing(sue, rejected):
    with pytest.raises(PermissionDenied):
        reopen(rejected, sue)
    assert Decision.objects.count() == 1
