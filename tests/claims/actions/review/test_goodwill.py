from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import checking, ledger
from accounts.ledger import LedgerConflict
from accounts.models import CreditAccount, CreditTransfer
from claims.actions.orders import automatic_returns, return_movements
from claims.actions.review import decisions
from claims.models import Claim, Decision, Event, Upload
from tests.makers import make_claim, make_lease, make_order, newest_event

NOTE = "For your patience."


def give(claim, by, amount="1.00", note=NOTE):
    make_lease(claim, by)
    return decisions.give_goodwill(
        claim_id=claim.pk,
        by=by,
        seen=newest_event(claim),
        amount=Decimal(amount),
        note=note,
        now=timezone.now(),
    )


def refusal(*args, **words):
    with pytest.raises(ValidationError) as refused:
        give(*args, **words)
    assert not CreditTransfer.objects.filter(kind="goodwill").exists()
    return refused.value.code


def test_goodwill_credits_the_amount_and_says_that_it_is_goodwill(ann, max_, mailoutbox, run_jobs):
    claim = make_claim(make_order(ann, price="4.20"))
    run_jobs()

    decision = give(claim, max_)

    claim.refresh_from_db()
    run_jobs()
    assert decision.outcome == Decision.Outcome.GOODWILL
    assert (claim.status, claim.decision) == (Claim.Status.REFUNDED, decision)
    assert decision.transfer.kind == CreditTransfer.Kind.GOODWILL
    assert CreditAccount.objects.get(owner=ann).balance == Decimal("1.00")
    assert claim.events.last().kind == Event.Kind.GOODWILL
    assert "1.00 EUR" in mailoutbox[-1].body
    assert NOTE in mailoutbox[-1].body
    assert list(checking.faults()) == []


def test_goodwill_is_possible_where_the_policy_refuses(ann, max_):
    claim = make_claim(make_order(ann, sms=True), kind="invalid_number", proofs=("screenshot",))
    Upload.objects.update(state="removed", removed_at=timezone.now())

    assert claim.assess().failed
    assert give(claim, max_).transfer.amount == Decimal("1.00")


def test_support_gives_no_goodwill(ann, sue):
    with pytest.raises(PermissionDenied):
        give(make_claim(make_order(ann)), sue)


@pytest.mark.parametrize("amount", ["0.00", "-1.00", "4.21"])
def test_goodwill_is_more_than_nothing_and_at_most_the_price(amount, ann, max_):
    assert refusal(make_claim(make_order(ann, price="4.20")), max_, amount) == "amount"


def test_goodwill_needs_a_note(ann, max_):
    assert refusal(make_claim(make_order(ann)), max_, note="  ") == "note"


def test_an_order_with_goodwill_has_had_its_return(ann, max_):
    order = make_order(ann, price="4.20", activation="cancelled")
    give(make_claim(order), max_)

    assert automatic_returns.return_expired(now=timezone.now()) == 0
    with pytest.raises(ValidationError) as refused:
        make_claim(order)
    assert "already-returned" in {error.code for error in refused.value.error_dict["__all__"]}


def test_the_ledger_refuses_a_return_beside_the_goodwill(ann, max_):
    order = make_order(ann, price="4.20")
    give(make_claim(order), max_)

    with pytest.raises(LedgerConflict), transaction.atomic():
        ledger.move(return_movements.return_movement(order, now=timezone.now()))


def test_the_database_refuses_goodwill_without_a_note(ann, max_):
    decision = give(make_claim(make_order(ann)), max_)
    fields = {name: getattr(decision, name) for name in ("outcome", "by", "decided_at")}
    other = make_claim(make_order(ann))

    with pytest.raises(IntegrityError, match="decision_has_what"), transaction.atomic():
        Decision.objects.create(claim=other, receipt=other.receipts.get(), **fields)
