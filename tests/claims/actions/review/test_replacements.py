"""Another number in place of a defective one, from the choice to a replacement's replacement."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from accounts.models import CreditTransfer
from claims.actions.customer import choices, withdrawal
from claims.actions.orders import automatic_returns
from claims.actions.review import decisions, offers, replacements
from claims.actions.shop import webhook_delivery
from claims.formats.shop_messages import ShopMessage
from claims.models import ApprovalLimit, Order
from tests.claims.actions.review.replacement_requests import (
    LATER,
    NOW,
    balance,
    given,
    make_defect,
    offer,
    provided,
    refused,
    request,
    tell,
    the_end,
)
from tests.makers import ANSWERS, make_claim, make_lease, newest_event
from tests.reviewing import approve


def test_the_shop_is_asked_for_a_number_of_equal_value(defect, sue, shop):
    asked = request(defect, sue)
    webhook_delivery.deliver_due(clock=lambda: NOW + timedelta(seconds=1))

    told = shop.taken[-1]
    assert told["type"] == "replacement.requested"
    assert told["data"] == {
        "order_id": defect.order.shop_id,
        "claim": defect.code,
        "request_id": asked.request_id,
        "service": "whatsapp",
        "country": "DE",
        "value": "3.00",
        "currency": "EUR",
        "answer_by": LATER.isoformat(),
    }


def test_the_shops_number_takes_the_place_of_the_defective_one(asked, defect, ann, sue):
    [answer] = tell(provided(asked))

    assert answer.state == "applied"
    assert the_end(defect) == "replaced"
    order = given(asked)
    assert (order.customer, order.price, order.refundable) == (ann, 0, Decimal("3.00"))
    assert (order.replaces, order.origin) == (defect.order, defect.order)
    assert defect.order.replacement_order == order
    assert defect.order.replaced_at == NOW
    assert order.number
    assert (order.number.service_id, order.number.country) == ("whatsapp", "DE")
    assert (order.activation, order.purchased_at) == ("waiting", NOW)
    assert balance(ann) == 0
    decision = defect.decision
    assert (decision.outcome, decision.by, decision.transfer) == ("replacement", sue, None)


def test_the_customer_is_told_the_new_number(asked, defect, mailoutbox, run_jobs):
    tell(provided(asked))
    run_jobs()

    mail = mailoutbox[-1]
    assert mail.subject == f"Claim {defect.code}: your new number"
    assert f"+4915199999999, order {given(asked).shop_id}" in mail.body


def test_it_has_a_claim_window_of_its_own(asked, defect):
    tomorrow = NOW + timedelta(days=1)
    tell(provided(asked, at=tomorrow), now=tomorrow)

    order = given(asked)
    assert order.claims_close_at - defect.order.claims_close_at >= timedelta(days=1)
    assert order.policy_version.effective_from <= order.purchased_at


def test_the_old_order_can_be_claimed_no_more(asked, defect):
    tell(provided(asked))
    the_end(defect)

    with pytest.raises(ValidationError) as error:
        make_claim(defect.order, kind="major_defect", now=NOW)

    assert "already-returned" in {each.code for each in error.value.error_dict["__all__"]}
    assert "replaced by another number" in " ".join(error.value.messages)


def test_the_old_order_is_never_returned_by_itself(ann, sue):
    defect = make_defect(ann)
    asked = request(defect, sue)
    tell(provided(asked))
    tell(ShopMessage("cancelled", "activation.cancelled", NOW, {"order_id": defect.order.shop_id}))

    automatic_returns.return_expired(now=NOW + timedelta(minutes=5))

    assert the_end(defect) == "replaced"
    assert defect.order.returned_at is None
    assert balance(ann) == 0


def test_the_new_order_carries_the_value_of_the_old_one(asked, defect, ann):
    tell(provided(asked))

    automatic_returns.return_expired(now=NOW + timedelta(hours=1))

    order = given(asked)
    assert order.returned_at
    assert order.return_transfer
    assert order.return_transfer.key == f"charge:{defect.order.charge_id}:return"
    assert (order.return_transfer.amount, balance(ann)) == (Decimal("3.00"), Decimal("3.00"))
    the_end(defect)


def test_a_claim_on_the_new_order_returns_that_value_once(asked, defect, ann, sue):
    tell(provided(asked))
    order = given(asked)
    order.sms_received_at, order.activation = NOW, "sms_received"
    order.save()
    second = make_claim(order, kind="major_defect", now=NOW + timedelta(hours=1))

    approve(
        claim_id=second.pk, by=sue, seen=newest_event(second), answers=ANSWERS, note="",
        now=NOW + timedelta(hours=1),
    )  # fmt: skip

    assert the_end(second) == "refunded"
    assert balance(ann) == Decimal("3.00")
    assert CreditTransfer.objects.filter(kind="return").count() == 1


@pytest.mark.parametrize("amount", ["0.01", "3.00"])
def test_goodwill_for_it_is_up_to_that_value(asked, ann, max_, amount):
    tell(provided(asked))
    order = given(asked)
    claim = make_claim(order, kind="major_defect", now=NOW + timedelta(minutes=1))
    make_lease(claim, max_, now=NOW)
    give = {
        "claim_id": claim.pk, "by": max_, "seen": newest_event(claim), "note": "Sorry.",
        "now": NOW,
    }  # fmt: skip
    with pytest.raises(ValidationError):
        decisions.give_goodwill(amount=Decimal("3.01"), **give)

    decisions.give_goodwill(amount=Decimal(amount), **give)

    assert balance(ann) == Decimal(amount)


def test_while_the_shop_is_asked_nobody_decides_otherwise(asked, defect, sue, max_):
    make_lease(defect, sue, now=NOW)
    words = {"claim_id": defect.pk, "seen": newest_event(defect), "now": NOW}
    with pytest.raises(ValidationError) as first:
        decisions.approve(by=sue, answers=ANSWERS, note="", **words)
    make_lease(defect, max_, now=NOW + timedelta(hours=1))
    words["now"] = NOW + timedelta(hours=1)
    with pytest.raises(ValidationError) as second:
        decisions.give_goodwill(by=max_, amount=Decimal(1), note="Sorry.", **words)

    assert {first.value.code, second.value.code} == {"replacement"}
    assert the_end(defect) == "offered"


def test_who_withdraws_gets_neither(asked, defect, ann):
    withdrawal.withdraw_claim(claim_id=defect.pk, by=ann, now=NOW)

    [answer] = tell(provided(asked))

    assert answer.state == "refused"
    assert the_end(defect) == "withdrawn"
    asked.refresh_from_db()
    assert asked.state == "void"
    assert not replacements.let_request_lapse(claim_id=defect.pk, now=LATER)
    assert balance(ann) == 0


def test_a_price_that_goes_back_by_itself_meanwhile_ends_the_request(ann, sue):
    defect = make_defect(ann)
    Order.objects.filter(pk=defect.order_id).update(sms_received_at=None, activation="timed_out")
    asked = request(defect, sue)

    assert automatic_returns.return_expired(now=NOW + timedelta(hours=1)) == 1

    asked.refresh_from_db()
    assert asked.state == "void"
    [answer] = tell(provided(asked))
    assert answer.state == "refused"
    assert the_end(defect) == "refunded"
    assert balance(ann) == Decimal("3.00")


@pytest.mark.parametrize("answer", [provided, refused])
def test_an_answer_together_with_the_cancellation_of_the_old_order(ann, sue, answer):
    """Exactly one remedy results: the cancellation rests for a minute, and the answer counts."""
    defect = make_defect(ann)
    Order.objects.filter(pk=defect.order_id).update(sms_received_at=None, activation="timed_out")
    asked = request(defect, sue)
    cancelled = ShopMessage(
        "cancelled", "activation.cancelled", NOW, {"order_id": defect.order.shop_id}
    )

    told = tell(cancelled, answer(asked))

    assert told[0].state == "applied"
    if answer is provided:
        assert (told[1].state, the_end(defect), balance(ann)) == ("applied", "replaced", 0)
    else:
        assert (told[1].state, the_end(defect)) == ("applied", "refunded")
        assert balance(ann) == Decimal("3.00")


def test_a_promise_that_cant_be_paid_any_more_goes_to_a_person(asked, defect, ann, mailoutbox,
                                                              run_jobs):  # fmt: skip
    ApprovalLimit.objects.create(currency="EUR", amount=1)

    [answer] = tell(refused(asked))

    assert answer.state == "applied"
    assert the_end(defect) == "submitted"
    assert balance(ann) == 0
    run_jobs()
    assert "looks at the claim once more" in mailoutbox[-1].body


def test_a_replacements_replacement_takes_a_supervisor(asked, defect, ann, sue, max_):
    tell(provided(asked))
    order = given(asked)
    order.sms_received_at, order.activation = NOW, "sms_received"
    order.save()
    now = NOW + timedelta(hours=1)
    second = make_claim(order, kind="major_defect", now=now)

    with pytest.raises(ValidationError) as error:
        offer(second, sue, now=now)
    assert error.value.code == "second-replacement"
    offer(second, max_, now=now + timedelta(minutes=10))
    choices.choose_replacement(claim_id=second.pk, by=ann, now=now + timedelta(minutes=10))
    again = second.replacements.get()
    tell(provided(again, event_id="again", at=now), now=now + timedelta(minutes=20))

    third = given(again)
    assert (third.replaces, third.origin) == (order, defect.order)
    assert third.refundable == Decimal("3.00")
    automatic_returns.return_expired(now=now + timedelta(hours=1))
    assert the_end(second) == "replaced"
    assert balance(ann) == Decimal("3.00")
    assert CreditTransfer.objects.filter(kind="return").count() == 1


def test_a_decision_above_the_limit_keeps_its_two_people(ann, sue, max_):
    ApprovalLimit.objects.create(currency="EUR", amount=1)
    defect = make_defect(ann)
    make_lease(defect, sue, now=NOW)
    offers.offer_replacement(
        claim_id=defect.pk, by=sue, seen=newest_event(defect), answers=ANSWERS, note="Another?",
        now=NOW,
    )  # fmt: skip
    offer(defect, max_, now=NOW + timedelta(minutes=10))
    choices.choose_replacement(claim_id=defect.pk, by=ann, now=NOW + timedelta(minutes=10))

    tell(provided(defect.replacements.get()), now=NOW + timedelta(minutes=20))

    assert the_end(defect) == "replaced"
    assert (defect.decision.by, defect.decision.approval.by) == (max_, sue)
