"""Simultaneous transfers of the same people."""

from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from accounts import ledger
from accounts.checking import faults
from accounts.models import Charge, CreditAccount, CreditTransfer
from tests.concurrency.racing import errors, race
from tests.makers import make_charge, top_up

TOGETHER = 12


def new(customer, reference, amount="2.50", kind=Charge.Kind.PURCHASE):
    return ledger.NewCharge(
        customer_id=customer.pk,
        kind=kind,
        amount=Decimal(amount),
        currency="EUR",
        reference=reference,
        made_at=timezone.now(),
    )


def charging(*charges):
    def charge():
        with transaction.atomic():
            return ledger.charge_all(charges)

    return charge


def balances(customer):
    mine = CreditAccount.objects.get(owner=customer)
    return mine.balance, mine.uncovered


def buying(customer):
    return [charging(new(customer, f"A-{number}")) for number in range(TOGETHER)]


def test_purchases_at_once_are_all_booked_and_what_they_lack_is_uncovered(ann):
    top_up(ann, "5.00")

    outcomes = race(*buying(ann))

    assert errors(outcomes) == []
    assert balances(ann) == (0, TOGETHER * Decimal("2.50") - 5)
    assert not [*faults()]


def test_without_the_ledgers_lock_the_database_refuses_what_it_cannot_cover(ann, monkeypatch):
    top_up(ann, "5.00")
    monkeypatch.setattr(
        ledger,
        "_lock",
        lambda pks: {a.pk: ledger._Balance.of(a) for a in CreditAccount.objects.filter(pk__in=pks)},
    )

    outcomes = race(*buying(ann))

    assert {type(error) for error in errors(outcomes)} == {ledger.LedgerConflict}
    assert not [*faults()]


def test_one_charge_is_booked_once_however_many_ask(ann):
    top_up(ann, "5.00")

    outcomes = race(*[charging(new(ann, "A-1"))] * TOGETHER)

    assert errors(outcomes) == []
    assert balances(ann) == (Decimal("2.50"), 0)


def test_a_charge_goes_back_once_however_many_causes_ask(ann):
    top_up(ann, "5.00")
    charge = make_charge(ann, "2.50")

    def giving(amount, kind):
        def give():
            with transaction.atomic():
                return ledger.move(
                    ledger.give_back(charge, made_at=timezone.now(), amount=amount, kind=kind)
                )

        return give

    outcomes = race(
        *[giving(Decimal("2.50"), CreditTransfer.Kind.RETURN)] * 4,
        *[giving(Decimal(1), CreditTransfer.Kind.GOODWILL)] * 4,
    )

    assert {type(error) for error in errors(outcomes)} == {ledger.LedgerConflict}
    assert charge.transfers.filter(kind__in=["return", "goodwill"]).count() == 1
    assert not [*faults()]


def charge_both(customers, label):
    """Return many calls that credit these people in this order."""

    def charge():
        for turn in range(30):
            charging(
                *(new(c, f"{label}-{turn}-{c.pk}", "1", Charge.Kind.TOP_UP) for c in customers)
            )()

    return charge


def test_statements_that_credit_the_same_people_never_deadlock(ann, bob):
    top_up(ann, "1.00")
    top_up(bob, "1.00")

    outcomes = race(
        charge_both([ann, bob], "a"), charge_both([bob, ann], "b"), charge_both([ann, bob], "c")
    )

    assert errors(outcomes) == []
    assert (balances(ann), balances(bob)) == ((91, 0), (91, 0))
