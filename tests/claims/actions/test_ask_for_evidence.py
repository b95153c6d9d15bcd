import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from claims.actions.deciding import ask_for_evidence
from claims.models import Claim, Event
from tests.makers import make_claim, make_order, newest_event


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
