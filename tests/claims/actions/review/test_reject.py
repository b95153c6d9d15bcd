import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import CreditTransfer
from claims.models import Claim, Decision, Event, Upload
from tests.makers import make_claim, make_order, newest_event
from tests.reviewing import reject

NOTE = "The message reached the number at 12:03; see the order."


def decide(claim, by, **changes):
    words = {
        "seen": newest_event(claim),
        "answers": {},
        "clause": "server-side",
        "note": NOTE,
        "now": timezone.now(),
    }
    return reject(claim_id=claim.pk, by=by, **(words | changes))


def test_the_claim_ends_with_its_clause_and_its_reason(ann, sue, run_jobs, mailoutbox):
    claim = make_claim(make_order(ann))

    decision = decide(claim, sue)

    claim.refresh_from_db()
    assert claim.status == Claim.Status.REJECTED
    assert decision.clause == "server-side"
    assert decision.answers == {"server-side": "failed"}
    assert decision.transfer is None
    assert claim.events.last().kind == Event.Kind.REJECTED
    assert not CreditTransfer.objects.filter(kind="return").exists()
    run_jobs()
    assert NOTE in mailoutbox[-1].body
    assert "/policy/#server-side" in mailoutbox[-1].body


def test_a_clause_that_is_met_is_no_ground(ann, sue):
    claim = make_claim(make_order(ann))

    with pytest.raises(ValidationError) as refused:
        decide(claim, sue, clause="claim-window")

    assert refused.value.code == "clause"
    assert not Decision.objects.exists()


def test_it_takes_a_note(ann, sue):
    claim = make_claim(make_order(ann))

    with pytest.raises(ValidationError) as refused:
        decide(claim, sue, note="  ")

    assert refused.value.code == "note"


def test_a_conflict_with_the_terms_names_the_section(ann, sue):
    claim = make_claim(make_order(ann))

    with pytest.raises(ValidationError) as refused:
        decide(claim, sue, clause="terms")
    decision = decide(claim, sue, clause="terms", terms_section="4.2 Resale")

    assert refused.value.code == "terms"
    assert decision.terms_section == "4.2 Resale"


def test_auditors_do_not_reject(ann, otto):
    claim = make_claim(make_order(ann))

    with pytest.raises(PermissionDenied):
        decide(claim, otto)


def test_the_database_refuses_a_rejection_without_a_clause(ann, sue):
    decision = decide(make_claim(make_order(ann)), sue)
    other = make_claim(make_order(ann))

    with pytest.raises(IntegrityError, match="decision_has_what"), transaction.atomic():
        Decision.objects.create(
            claim=other,
            outcome="rejection",
            by=sue,
            decided_at=timezone.now(),
            receipt=other.receipts.get(),
        )
    assert Decision.objects.get() == decision


def test_a_missing_video_is_asked_for_and_no_ground_to_reject(ann, sue):
    order = make_order(ann, service="telegram", two_factor=True, sms=True)
    claim = make_claim(order, kind="invalid_number", proofs=("video",))
    Upload.objects.filter(evidence__claim=claim).update(kind="screenshot")
    assert [finding.clause for finding in claim.assess().failed] == ["telegram-2fa-video"]

    with pytest.raises(ValidationError) as refused:
        decide(claim, sue, clause="telegram-2fa-video")

    assert refused.value.code == "clause"
    assert not Decision.objects.exists()
