"""Above the approval limit two people must approve a payment."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from accounts.models import CreditAccount
from claims.actions.customer.evidence import add_evidence
from claims.actions.orders import single_returns
from claims.actions.review import decisions
from claims.models import Approval, ApprovalLimit, Claim, Decision, Event, Lease
from tests.makers import ANSWERS, make_claim, make_lease, make_order, newest_event
from tests.reviewing import approve


@pytest.fixture
def claim(ann):
    """Return a claim on an order above the limit."""
    ApprovalLimit.objects.create(currency="EUR", amount=Decimal("10.00"))
    return make_claim(make_order(ann, price="10.01"))


def press(claim, by):
    return approve(
        claim_id=claim.pk,
        by=by,
        seen=newest_event(claim),
        answers=ANSWERS,
        note="Our outage.",
        now=timezone.now(),
    )


def balance(user):
    return CreditAccount.objects.get(owner=user).balance


def test_the_first_approval_pays_nothing_and_frees_the_claim(ann, sue, claim):
    made = press(claim, sue)

    claim.refresh_from_db()
    assert isinstance(made, Approval)
    assert (made.amount, made.currency, made.by) == (Decimal("10.01"), "EUR", sue)
    assert (claim.status, claim.approval) == (Claim.Status.SUBMITTED, made)
    assert balance(ann) == 0
    assert not Lease.objects.exists()
    assert claim.events.last().kind == Event.Kind.APPROVED_FIRST


def test_the_second_person_pays_and_the_decision_names_both(ann, sue, max_, claim):
    first = press(claim, sue)

    decision = press(claim, max_)

    claim.refresh_from_db()
    assert isinstance(decision, Decision)
    assert (decision.by, decision.approval) == (max_, first)
    assert (claim.status, claim.approval) == (Claim.Status.REFUNDED, None)
    assert balance(ann) == Decimal("10.01")


def test_the_same_person_is_never_the_second(ann, sue, claim):
    press(claim, sue)

    with pytest.raises(ValidationError) as refused:
        press(claim, sue)

    assert refused.value.code == "second-person"
    assert "10.00 EUR" in refused.value.messages[0]
    assert balance(ann) == 0


def test_at_the_limit_one_person_is_enough(ann, sue, claim):
    assert isinstance(press(make_claim(make_order(ann, price="10.00")), sue), Decision)


def test_another_currency_has_a_limit_of_its_own(ann, sue, claim):
    other = make_claim(make_order(ann, price="99.00", currency="USD"))

    assert isinstance(press(other, sue), Decision)


def test_what_the_customer_adds_takes_the_first_approval_back(ann, sue, max_, claim):
    press(claim, sue)
    add_evidence(
        claim_id=claim.pk, by=ann, uploads=[], message="It came after all.",
        submission=uuid4(), now=timezone.now(),
    )  # fmt: skip

    made = press(claim, max_)

    assert isinstance(made, Approval)
    assert made.by == max_
    assert balance(ann) == 0


def test_goodwill_above_the_limittakes_two_and_one_amount(ann, max_, claim):
    words = {"claim_id": claim.pk, "by": max_, "note": "For the trouble.", "now": timezone.now()}
    make_lease(claim, max_)

    made = decisions.give_goodwill(amount=Decimal("10.01"), seen=newest_event(claim), **words)

    assert isinstance(made, Approval)
    assert made.outcome == "goodwill"
    assert balance(ann) == 0


def insert(claim, *, by, approval=None):
    """Insert a decision as any code might write it, with an existing transfer."""
    transfer = single_returns.return_price(claim.order, now=timezone.now())
    return Decision.objects.create(
        claim=claim,
        outcome="refund",
        by=by,
        approval=approval,
        decided_at=timezone.now(),
        receipt=claim.receipts.get(),
        transfer=transfer,
    )


def test_the_database_refuses_one_person_alone(sue, claim):
    with pytest.raises(ProgrammingError, match="takes two people"), transaction.atomic():
        insert(claim, by=sue)


def test_the_database_refuses_the_same_person_twice(sue, claim):
    approval = press(claim, sue)

    with pytest.raises(ProgrammingError, match="takes two people"), transaction.atomic():
        insert(claim, by=sue, approval=approval)


def test_the_database_refuses_an_approval_of_another_claim(ann, sue, max_, claim):
    other = press(make_claim(make_order(ann, price="10.01")), sue)

    with pytest.raises(ProgrammingError, match="takes two people"), transaction.atomic():
        insert(claim, by=max_, approval=other)


def test_without_the_trigger_one_person_pays_alone(sue, claim):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE claims_decision DISABLE TRIGGER USER")

    assert insert(claim, by=sue).transfer.amount == Decimal("10.01")


def test_without_the_comparison_the_database_still_refuses(sue, claim, monkeypatch):
    monkeypatch.setattr(decisions, "takes_two", lambda *args, **words: False)

    with pytest.raises(ProgrammingError, match="takes two people"):
        press(claim, sue)
