"""Offers of a replacement: the customer chooses it or the price; after the deadline the price goes
back.
"""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from accounts.checking import faults
from accounts.models import CreditAccount, CreditTransfer
from claims import wording
from claims.actions.customer import appeals, choices, withdrawal
from claims.actions.customer.evidence import add_evidence
from claims.actions.orders import automatic_returns
from claims.actions.review import decisions, offers, repairs
from claims.models import Approval, ApprovalLimit, Claim, Decision, Offer, Order
from tests.makers import ANSWERS, make_claim, make_lease, make_order, newest_event
from tests.reviewing import approve, reject, take

MICROSECOND = timedelta(microseconds=1)
NOW = timezone.now().replace(microsecond=500)
LATER = NOW + timedelta(days=7)


@pytest.fixture
def defect(ann) -> Claim:
    order = make_order(ann, sms=True, price="3.00", purchased_at=NOW - timedelta(hours=1))
    return make_claim(order, kind="major_defect", now=NOW - timedelta(minutes=5))


def offer(claim, by, *, now=NOW, answers=ANSWERS, note="Another one?"):
    make_lease(claim, by, now=now)
    made = offers.offer_replacement(
        claim_id=claim.pk, by=by, seen=newest_event(claim), answers=answers, note=note, now=now
    )
    claim.refresh_from_db()
    return made


@pytest.fixture
def offered(defect, sue):
    offer(defect, sue)
    return defect


def refusal(action, *arguments, **words):
    with pytest.raises(ValidationError) as refused:
        action(*arguments, **words)
    [code] = {error.code for error in refused.value.error_list}
    return code


def balance(customer) -> Decimal | None:
    return CreditAccount.objects.get(owner=customer).balance


def test_an_offer_says_until_when_and_waits_for_the_customer(offered, ann, mailoutbox, run_jobs):
    made = offered.offers.get()

    assert (offered.status, made.answer_by, made.choice) == ("offered", LATER, "")
    assert made.answers == dict.fromkeys(made.answers, "met")
    assert "critical-defect" in made.answers
    run_jobs()
    said = mailoutbox[-1].body
    assert "Another one?" in said
    assert f"3.00 EUR back instead, until {wording.in_words(LATER)}" in said
    assert balance(ann) == 0


def test_an_offer_takes_what_an_approval_takes(defect, sue):
    against = ANSWERS | {"critical-defect": "failed"}

    assert refusal(offer, defect, sue, answers={}) == "unanswered"
    assert refusal(offer, defect, sue, answers=against) == "critical-defect"
    assert refusal(offer, defect, sue, note=" ") == "note"
    assert not Offer.objects.exists()


def test_only_a_defect_is_replaced(ann, sue):
    assert refusal(offer, make_claim(make_order(ann)), sue) == "repair"


def test_who_decided_before_an_appeal_offers_nothing_after_it(defect, ann, sue, max_):
    reject(
        claim_id=defect.pk, by=sue, seen=newest_event(defect), answers={},
        clause="critical-defect", note="It works.", now=NOW,
    )  # fmt: skip
    appeals.appeal(
        claim_id=defect.pk, by=ann, uploads=[], message="It fails each time I try it.",
        submission=uuid4(), now=NOW + timedelta(minutes=1),
    )  # fmt: skip
    later = NOW + timedelta(minutes=2)

    assert refusal(offer, defect, sue, now=later) == "another-person"
    assert isinstance(offer(defect, max_, now=later + timedelta(minutes=10)), Offer)


def test_the_price_that_is_chosen_goes_back_at_once(offered, ann, sue, mailoutbox, run_jobs):
    choices.choose_refund(claim_id=offered.pk, by=ann, now=NOW + timedelta(days=1))

    offered.refresh_from_db()
    decision = offered.decision
    assert (offered.status, decision.outcome, decision.by) == ("refunded", "refund", sue)
    assert decision.transfer.key == f"charge:{offered.order.charge_id}:return"
    assert (decision.transfer.amount, balance(ann)) == (Decimal("3.00"), Decimal("3.00"))
    assert offered.offers.get().choice == "refund"
    event = offered.events.last()
    assert (event.kind, event.actor, event.data["choice"]) == ("refunded", ann, "refund")
    assert offered.order.returned_at
    assert not [*faults()]
    run_jobs()
    assert "as you chose" in mailoutbox[-1].body


def test_chosen_twice_it_goes_back_once(offered, ann):
    for _ in range(2):
        choices.choose_refund(claim_id=offered.pk, by=ann, now=NOW)

    assert balance(ann) == Decimal("3.00")
    assert Decision.objects.filter(claim=offered).count() == 1


def test_the_replacement_that_is_chosen_is_asked_of_the_shop(offered, ann, mailoutbox, run_jobs):
    for _ in range(2):
        choices.choose_replacement(claim_id=offered.pk, by=ann, now=NOW)

    offered.refresh_from_db()
    assert (offered.status, balance(ann)) == ("offered", 0)
    assert offered.replacements.get().state == "requested"
    event = offered.events.last()
    assert (event.kind, event.data["choice"], event.actor) == ("offer_answered", "replacement", ann)
    assert offered.events.filter(kind="offer_answered").count() == 1
    run_jobs()
    assert "you chose the replacement" in mailoutbox[-1].body


def test_after_one_choice_there_is_no_other(offered, ann):
    choices.choose_replacement(claim_id=offered.pk, by=ann, now=NOW)

    assert refusal(choices.choose_refund, claim_id=offered.pk, by=ann, now=NOW) == "offer"
    assert balance(ann) == 0


def test_nobody_else_chooses(offered, bob):
    for choose in (choices.choose_refund, choices.choose_replacement):
        with pytest.raises(PermissionDenied):
            choose(claim_id=offered.pk, by=bob, now=NOW)


def test_where_nothing_is_on_offer_there_is_nothing_to_choose(defect, ann):
    for choose in (choices.choose_refund, choices.choose_replacement):
        assert refusal(choose, claim_id=defect.pk, by=ann, now=NOW) == "offer"


@pytest.mark.parametrize(("beyond", "chosen"), [(-1, True), (0, False), (1, False)])
def test_a_replacement_can_be_chosen_for_seven_days(beyond, chosen, offered, ann):
    now = LATER + beyond * MICROSECOND

    if chosen:
        choices.choose_replacement(claim_id=offered.pk, by=ann, now=now)
        assert offered.offers.get().choice == "replacement"
    else:
        choose = choices.choose_replacement
        assert refusal(choose, claim_id=offered.pk, by=ann, now=now) == "offer"
        assert offered.offers.get().choice == ""


def test_the_price_can_be_chosen_late(offered, ann):
    choices.choose_refund(claim_id=offered.pk, by=ann, now=LATER + timedelta(hours=1))

    assert balance(ann) == Decimal("3.00")


@pytest.mark.parametrize(("beyond", "lapsed"), [(-1, False), (0, True), (1, True)])
def test_no_choice_in_seven_days_means_the_price(beyond, lapsed, offered, ann, sue):
    now = LATER + beyond * MICROSECOND

    assert offers.let_lapse(claim_id=offered.pk, now=now) is lapsed
    assert not offers.let_lapse(claim_id=offered.pk, now=now - MICROSECOND)

    offered.refresh_from_db()
    assert offered.status == ("refunded" if lapsed else "offered")
    assert balance(ann) == (Decimal("3.00") if lapsed else 0)
    if lapsed:
        event = offered.events.last()
        assert (event.actor, event.data["choice"]) == (None, "lapsed")
        assert offered.decision.by == sue


def test_words_of_the_customer_leave_the_offer_where_it_is(offered, ann):
    add_evidence(
        claim_id=offered.pk, by=ann, uploads=[], message="Which country?",
        submission=uuid4(), now=NOW,
    )  # fmt: skip

    offered.refresh_from_db()
    assert offered.status == "offered"
    assert offers.let_lapse(claim_id=offered.pk, now=LATER)


def test_a_reviewer_may_return_the_price_before_the_choice(offered, ann, sue):
    approve(
        claim_id=offered.pk, by=sue, seen=newest_event(offered), answers=ANSWERS, note="", now=NOW
    )

    assert refusal(choices.choose_refund, claim_id=offered.pk, by=ann, now=NOW) == "offer"
    assert not offers.let_lapse(claim_id=offered.pk, now=LATER)
    assert balance(ann) == Decimal("3.00")


def test_what_is_offered_is_not_rejected(offered, sue):
    take(offered.pk, by=sue, now=NOW)

    code = refusal(
        decisions.reject, claim_id=offered.pk, by=sue, seen=newest_event(offered), answers={},
        clause="critical-defect", note="No.", now=NOW,
    )  # fmt: skip

    assert code == "status"


def test_who_withdraws_chooses_nothing(offered, ann):
    withdrawal.withdraw_claim(claim_id=offered.pk, by=ann, now=NOW)

    assert not offers.let_lapse(claim_id=offered.pk, now=LATER)
    assert balance(ann) == 0


def test_above_the_limit_it_takes_two_to_offer_and_none_to_pay(defect, ann, sue, max_):
    ApprovalLimit.objects.create(currency="EUR", amount=1)

    first = offer(defect, sue)
    assert isinstance(first, Approval)
    assert defect.status == "submitted"
    assert refusal(offer, defect, sue) == "second-person"
    second = offer(defect, max_, now=NOW + timedelta(minutes=10))

    assert isinstance(second, Offer)
    assert (second.by, second.approval) == (max_, first)
    assert offers.let_lapse(claim_id=defect.pk, now=second.answer_by)
    defect.refresh_from_db()
    assert (defect.decision.by, defect.decision.approval) == (max_, first)
    assert balance(ann) == Decimal("3.00")


def test_a_limit_that_was_lowered_since_brings_the_claim_back_to_a_person(offered, ann, run_jobs):
    ApprovalLimit.objects.create(currency="EUR", amount=1)

    assert offers.let_lapse(claim_id=offered.pk, now=LATER)

    offered.refresh_from_db()
    assert (offered.status, balance(ann)) == ("submitted", 0)
    assert offered.events.last().data == {"choice": "lapsed"}


def test_a_clause_that_fails_since_brings_the_claim_back_to_a_person(offered, ann, mailoutbox,
                                                                    run_jobs):  # fmt: skip
    Claim.objects.filter(pk=offered.pk).update(
        staff_two_factor=True, service="telegram", channel="api"
    )

    choices.choose_refund(claim_id=offered.pk, by=ann, now=NOW)

    offered.refresh_from_db()
    assert (offered.status, balance(ann)) == ("submitted", 0)
    run_jobs()
    assert "looks at the claim once more" in mailoutbox[-1].body


def test_a_second_offer_can_follow_one_that_came_to_nothing(offered, ann, sue):
    limit = ApprovalLimit.objects.create(currency="EUR", amount=1)
    choices.choose_refund(claim_id=offered.pk, by=ann, now=NOW)
    ApprovalLimit.objects.filter(pk=limit.pk).update(amount=100)
    offer(offered, sue, now=NOW + timedelta(hours=1))

    choices.choose_replacement(claim_id=offered.pk, by=ann, now=NOW + timedelta(hours=2))

    assert [each.choice for each in offered.offers.all()] == ["refund", "replacement"]
    assert balance(ann) == 0


def test_the_database_keeps_what_was_offered_and_chosen(offered, ann):
    made = offered.offers.get()
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        Offer.objects.filter(pk=made.pk).update(answer_by=NOW)
    with pytest.raises(IntegrityError, match="one_open_offer_per_claim"), transaction.atomic():
        Offer.objects.create(
            claim=offered, note="And this?", by=made.by, made_at=NOW, answer_by=LATER
        )
    choices.choose_replacement(claim_id=offered.pk, by=ann, now=NOW)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        Offer.objects.filter(pk=made.pk).update(choice="refund")
    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
        Offer.objects.filter(pk=made.pk).delete()


@pytest.mark.parametrize(
    ("choice", "chosen_at", "name"),
    [
        ("refund", None, "choice_has_a_time"),
        ("", NOW, "choice_has_a_time"),
        ("gold", NOW, "choice_has_a_time"),
        ("refund", NOW - MICROSECOND, "choice_has_a_time"),
        ("replacement", LATER, "replacement_is_chosen_in_time"),
        ("lapsed", LATER - MICROSECOND, "offer_lapses_when_its_time_is_over"),
    ],
)
def test_the_database_refuses_a_choice_that_cannot_be(choice, chosen_at, name, offered):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Offer.objects.update(choice=choice, chosen_at=chosen_at)


def test_an_order_that_was_returned_meanwhile_is_not_returned_again(defect, ann, sue):
    Order.objects.filter(pk=defect.order_id).update(sms_received_at=None, activation="timed_out")
    offer(defect, sue)
    tomorrow = NOW + timedelta(days=1)

    assert automatic_returns.return_expired(now=tomorrow) == 1

    choose = choices.choose_refund
    assert refusal(choose, claim_id=defect.pk, by=ann, now=tomorrow) == "offer"
    assert CreditTransfer.objects.filter(kind="return").count() == 1
    assert not [*faults()]


def test_a_repair_that_failed_may_end_in_an_offer(defect, sue):
    for step in (repairs.start_repair, repairs.give_up_repair):
        take(defect.pk, by=sue, now=NOW)
        step(claim_id=defect.pk, by=sue, seen=newest_event(defect), note="Alas.", now=NOW)

    offer(defect, sue)

    assert defect.status == "offered"
