"""No approval while nobody has said which service an order is for."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import CreditTransfer
from claims.actions.orders.service_mapping import map_service_name
from claims.actions.review import approvals, corrections, offers
from claims.models import Approval, ApprovalLimit, Claim, Decision
from tests.makers import ANSWERS, make_claim, make_lease, make_order, newest_event
from tests.reviewing import approve, reject

pytestmark = pytest.mark.django_db
UNKNOWN = {"service": "", "service_sent": "telegram-messenger"}


def make_unknown(customer, **fields):
    claim = {"kind": "invalid_number", "proofs": ("screenshot",)} | fields.pop("claim", {})
    return make_claim(make_order(customer, sms=True, **(UNKNOWN | fields)), **claim)


def decide(claim, by, **changes):
    words = {"seen": newest_event(claim), "answers": ANSWERS, "note": "", "now": timezone.now()}
    return approve(claim_id=claim.pk, by=by, **(words | changes))


def offer(claim, by):
    make_lease(claim, by)
    return offers.offer_replacement(
        claim_id=claim.pk, by=by, seen=newest_event(claim), answers=ANSWERS, note="Another?",
        now=timezone.now(),
    )  # fmt: skip


def map_it(by, slug):
    map_service_name(name="telegram-messenger", slug=slug, by=by, now=timezone.now())


def correct(claim, by, service):
    make_lease(claim, by)
    corrections.correct_facts(
        claim_id=claim.pk, by=by, seen=newest_event(claim), note="It is.",
        correction=corrections.Correction(two_factor=False, channel="web", service=service),
        now=timezone.now(),
    )  # fmt: skip


def refused(action):
    with pytest.raises(ValidationError) as error:
        action()
    assert error.value.code == "service-unknown"
    assert "Services" in error.value.messages[0]
    assert not CreditTransfer.objects.filter(kind="return").exists()


def test_a_claim_on_it_is_filed_but_not_approved(ann, sue):
    claim = make_unknown(ann)

    refused(lambda: decide(claim, sue))


def test_nor_by_two_people(ann, sue, max_):
    ApprovalLimit.objects.create(currency="EUR", amount=1)
    claim = make_unknown(ann, price="3.00")

    refused(lambda: decide(claim, sue))
    assert not Approval.objects.exists()


def test_nor_is_a_replacement_offered(ann, sue):
    claim = make_unknown(ann, claim={"kind": "major_defect", "proofs": ()})

    refused(lambda: offer(claim, sue))


def test_a_correction_is_enough_to_approve_but_not_to_ask_the_shop_for_another(ann, sue):
    claim = make_unknown(ann, claim={"kind": "major_defect", "proofs": ()})
    correct(claim, sue, "whatsapp")

    refused(lambda: offer(claim, sue))
    assert decide(claim, sue).outcome == Decision.Outcome.REFUND


def test_once_mapped_it_is_approved(ann, sue, max_):
    claim = make_unknown(ann)
    map_it(max_, "whatsapp")

    assert decide(claim, sue).outcome == Decision.Outcome.REFUND


def test_mapped_to_telegram_it_is_barred_by_the_policy(ann, sue, max_):
    claim = make_unknown(ann, two_factor=True, channel="api")
    map_it(max_, "telegram")

    with pytest.raises(ValidationError) as error:
        decide(claim, sue)

    assert "telegram-2fa-api" in {each.code for each in error.value.error_list}


def test_the_mapping_makes_the_reviewer_look_again(ann, sue, max_):
    claim = make_unknown(ann)
    seen = newest_event(claim)
    map_it(max_, "whatsapp")

    with pytest.raises(ValidationError) as error:
        decide(claim, sue, seen=seen)

    assert error.value.code == "moved-on"


def test_it_may_be_rejected(ann, sue):
    claim = make_unknown(ann)

    reject(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), answers=ANSWERS, clause="proof",
        note="It shows nothing.", now=timezone.now(),
    )  # fmt: skip

    claim.refresh_from_db()
    assert claim.status == Claim.Status.REJECTED


def test_a_corrected_service_brings_its_rules(ann, sue):
    claim = make_unknown(ann, two_factor=True)
    correct(claim, sue, "telegram")

    claim.refresh_from_db()
    assert claim.is_failing


def test_a_correction_names_a_service_of_the_catalogue(ann, sue):
    claim = make_unknown(ann)

    with pytest.raises(ValidationError) as error:
        correct(claim, sue, "telegramm")

    assert error.value.code == "service"


def test_without_the_guard_a_barred_telegram_number_is_paid_for(ann, sue, monkeypatch):
    claim = make_unknown(ann, two_factor=True, channel="api")
    monkeypatch.setattr(approvals, "refuse_unknown_service", lambda claim: None)

    decide(claim, sue)

    assert CreditTransfer.objects.filter(kind="return").count() == 1
