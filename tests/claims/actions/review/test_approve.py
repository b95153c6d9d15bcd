from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.models import CreditAccount, CreditTransfer
from claims.actions.customer.withdrawal import withdraw_claim
from claims.models import Claim, Decision, Event
from tests.makers import ANSWERS, make_claim, make_order, newest_event
from tests.reviewing import approve, reject


def decide(claim, by, **changes):
    words = {"seen": newest_event(claim), "answers": ANSWERS, "note": "", "now": timezone.now()}
    return approve(claim_id=claim.pk, by=by, **(words | changes))


def balance(user):
    return CreditAccount.objects.get(owner=user).balance


def test_the_price_goes_back_to_the_balance_and_the_receipt_is_kept(ann, sue):
    order = make_order(ann, price="3.40")
    claim = make_claim(order)

    decision = decide(claim, sue, note="Our supplier had an outage.")

    claim.refresh_from_db()
    order.refresh_from_db()
    assert balance(ann) == Decimal("3.40")
    assert claim.status == Claim.Status.REFUNDED
    assert claim.closed_at == decision.decided_at
    assert order.return_transfer == decision.transfer
    assert decision.transfer.key == f"charge:{order.charge_id}:return"
    assert decision.receipt.verdict.eligible
    assert decision.answers["server-side"] == "met"
    assert claim.events.last().kind == Event.Kind.REFUNDED


def test_a_second_approval_is_told_what_happened_and_pays_nothing(ann, sue, max_):
    claim = make_claim(make_order(ann))
    decide(claim, sue)

    with pytest.raises(ValidationError, match="Sue has decided this claim: refund, ") as refused:
        decide(claim, max_)

    assert refused.value.code == "closed"
    assert CreditTransfer.objects.filter(kind="return").count() == 1
    assert Decision.objects.get().by == sue


def test_a_withdrawn_claim_is_not_approved(ann, sue):
    claim = make_claim(make_order(ann))
    withdraw_claim(claim_id=claim.pk, by=ann, now=timezone.now())

    with pytest.raises(ValidationError) as refused:
        decide(claim, sue)

    assert refused.value.code == "closed"
    assert not CreditTransfer.objects.filter(kind="return").exists()


def test_an_open_question_blocks_the_approval(ann, sue):
    claim = make_claim(make_order(ann))

    with pytest.raises(ValidationError) as refused:
        decide(claim, sue, answers={**ANSWERS, "server-side": ""})

    assert [error.code for error in refused.value.error_list] == ["unanswered"]
    assert balance(ann) == 0


def test_an_answer_against_the_claim_blocks_the_approval(ann, sue):
    claim = make_claim(make_order(ann))

    with pytest.raises(ValidationError) as refused:
        decide(claim, sue, answers={**ANSWERS, "third-party": "failed"})

    assert [error.code for error in refused.value.error_list] == ["third-party"]
    assert balance(ann) == 0


def test_every_clause_that_fails_at_the_decision_is_named(ann, sue):
    order = make_order(ann, service="telegram", two_factor=True, sms=True)
    claim = make_claim(order, kind="invalid_number", proofs=("video",), state="waiting")

    with pytest.raises(ValidationError) as refused:
        decide(claim, sue)

    codes = [error.code for error in refused.value.error_list]
    assert codes == ["proof", "telegram-2fa-video"]
    assert balance(ann) == 0


def test_what_happened_meanwhile_is_told_before_anything_is_decided(ann, sue):
    claim = make_claim(make_order(ann))
    seen = newest_event(claim)
    Event.objects.create(
        kind=Event.Kind.EVIDENCE_ADDED,
        order=claim.order,
        claim=claim,
        at=timezone.now(),
        actor=ann,
    )

    with pytest.raises(ValidationError, match=r"Evidence added \(Ann") as refused:
        decide(claim, sue, seen=seen)

    assert refused.value.code == "moved-on"
    assert balance(ann) == 0


@pytest.mark.parametrize("who", ["rita", "otto", "bob"])
def test_only_support_and_supervisors_approve(who, ann, request):
    claim = make_claim(make_order(ann))

    with pytest.raises(PermissionDenied):
        decide(claim, request.getfixturevalue(who))

    assert balance(ann) == 0


def test_nobody_approves_a_claim_of_their_own(sue):
    claim = make_claim(make_order(sue))

    with pytest.raises(PermissionDenied):
        decide(claim, sue)

    assert balance(sue) == 0


def test_a_rejected_claim_is_not_approved_afterwards(ann, sue):
    claim = make_claim(make_order(ann))
    reject(
        claim_id=claim.pk,
        by=sue,
        seen=newest_event(claim),
        answers={},
        clause="server-side",
        note="The message reached the number at 12:03.",
        now=timezone.now(),
    )

    with pytest.raises(ValidationError) as refused:
        decide(claim, sue)

    assert refused.value.code == "closed"
    assert balance(ann) == 0
