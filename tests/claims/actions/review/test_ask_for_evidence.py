import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from claims.models import Claim, Event
from tests.makers import make_claim, make_order, newest_event
from tests.reviewing import ask_for_evidence


def ask(claim, by, **changes):
    words = {
        "seen": newest_event(claim),
        "note": "Please film the sign-in.",
        "now": timezone.now(),
    }
    return ask_for_evidence(claim_id=claim.pk, by=by, **(words | changes))


def test_the_claim_waits_for_its_customer_who_is_mailed(ann, sue, run_jobs, mailoutbox):
    claim = make_claim(make_order(ann))

    message = ask(claim, sue)

    claim.refresh_from_db()
    assert claim.status == Claim.Status.WAITING_CUSTOMER
    assert message.from_staff
    assert claim.events.last().kind == Event.Kind.EVIDENCE_REQUESTED
    run_jobs()
    assert "Please film the sign-in." in mailoutbox[-1].body


def test_the_mail_repeats_the_code_that_proof_may_show(ann, sue, run_jobs, mailoutbox):
    claim = make_claim(
        make_order(ann, completed=True), kind="invalid_number", proofs=("screenshot",)
    )
    ask(claim, sue)

    run_jobs()

    assert f"If it can show the code {claim.proof_code}, we decide faster" in mailoutbox[-1].body
    assert "without it your claim counts just the same" in mailoutbox[-1].body


def test_where_no_proof_is_required_the_mail_names_no_code(ann, sue, run_jobs, mailoutbox):
    claim = make_claim(make_order(ann))
    ask(claim, sue)

    run_jobs()

    assert claim.order.proof_code not in mailoutbox[-1].body
    assert "the code" not in mailoutbox[-1].body


def test_a_double_click_asks_once(ann, sue):
    claim = make_claim(make_order(ann))
    seen = newest_event(claim)
    ask(claim, sue, seen=seen)

    with pytest.raises(ValidationError) as refused:
        ask(claim, sue, seen=seen)

    assert refused.value.code == "moved-on"
    assert claim.messages.count() == 1


def test_an_empty_note_asks_nothing(ann, sue):
    claim = make_claim(make_order(ann))

    with pytest.raises(ValidationError) as refused:
        ask(claim, sue, note=" ")

    claim.refresh_from_db()
    assert refused.value.code == "note"
    assert claim.status == Claim.Status.SUBMITTED


def test_customers_do_not_ask(ann, bob):
    with pytest.raises(PermissionDenied):
        ask(make_claim(make_order(ann)), bob)
