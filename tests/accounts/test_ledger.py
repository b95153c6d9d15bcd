from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts import ledger
from accounts.checking import faults
from accounts.models import Charge, CreditAccount, CreditTransfer
from tests.makers import make_charge, make_user, top_up

Kind = CreditTransfer.Kind


def account(user, currency="EUR") -> CreditAccount:
    return CreditAccount.objects.get(owner=user, currency=currency)


def balances(user, currency="EUR"):
    """Return the balance and what is uncovered."""
    mine = account(user, currency)
    return mine.balance, mine.uncovered


def new_charge(user, amount, reference, kind=Charge.Kind.PURCHASE, currency="EUR"):
    return ledger.NewCharge(
        customer_id=user.pk,
        kind=kind,
        amount=Decimal(amount),
        currency=currency,
        reference=reference,
        made_at=timezone.now(),
    )


def give_back(charge, amount, **fields):
    return ledger.give_back(charge, made_at=timezone.now(), amount=Decimal(amount), **fields)


def adjust(user, amount, event_id="evt-1", currency="EUR"):
    mine = ledger.open_accounts({(user.pk, currency)})[user.pk, currency]
    return ledger.move(
        ledger.Movement(
            account=mine,
            amount=Decimal(amount),
            kind=Kind.ADJUSTMENT,
            key=f"event:{event_id}",
            made_at=timezone.now(),
            event_id=event_id,
        )
    )


def kinds() -> list[str]:
    return list(CreditTransfer.objects.order_by("pk").values_list("kind", flat=True))


def test_a_purchase_goes_from_the_customer_to_the_shops_sales(ann):
    top_up(ann, "10")

    charge = make_charge(ann, "2.50")

    made = charge.transfers.get()
    assert balances(ann) == (Decimal("7.50"), 0)
    assert (made.debit, made.credit.kind) == (account(ann), "sales")


def test_a_return_goes_from_the_shops_sales_to_the_customer(ann):
    top_up(ann, "2.50")
    charge = make_charge(ann, "2.50")

    made = ledger.move(give_back(charge, "2.50"))

    assert balances(ann) == (Decimal("2.50"), 0)
    assert (made.debit.kind, made.debit.owner, made.credit) == ("sales", None, account(ann))


def test_a_top_up_and_goodwill_come_from_the_account_for_their_cause(ann):
    paid = top_up(ann, "3")
    kind = ledger.move(give_back(make_charge(ann, "2"), "1", kind=Kind.GOODWILL))

    assert (paid.debit.kind, kind.debit.kind) == ("payments", "goodwill")
    assert balances(ann) == (2, 0)


def test_a_charge_of_nothing_has_no_transfer(ann):
    charge = make_charge(ann, "0")

    assert not charge.transfers.exists()
    assert balances(ann) == (0, 0)


def test_the_same_reference_and_amount_answer_with_the_first_charge(ann):
    top_up(ann, "5")
    first = make_charge(ann, "2.50", reference="A-1")

    assert make_charge(ann, "2.50", reference="A-1") == first
    assert balances(ann) == (Decimal("2.50"), 0)


@pytest.mark.parametrize("changes", [{"amount": "2.51"}, {"currency": "USD"}, {"kind": "top_up"}])
def test_the_same_reference_for_something_else_is_a_conflict(ann, changes):
    top_up(ann, "5")
    make_charge(ann, "2.50", reference="A-1")

    with pytest.raises(ledger.LedgerConflict, match=r"A-1 was charged before: A-1: 2\.50 EUR"):
        make_charge(ann, **({"amount": "2.50", "reference": "A-1"} | changes))

    assert balances(ann) == (Decimal("2.50"), 0)


def test_the_same_key_and_amount_answer_with_the_first_transfer(ann):
    charge = make_charge(ann, "2.50")
    first = ledger.move(give_back(charge, "2.50"))

    assert ledger.move(give_back(charge, "2.50")) == first
    assert kinds() == ["purchase", "uncovered", "return", "uncovered"]


def test_a_charge_that_goes_back_again_otherwise_is_a_conflict_and_undoes_the_call(ann, bob):
    charge, other = make_charge(ann, "2.50"), make_charge(bob, "2.50")
    ledger.move(give_back(charge, "2.50"))

    with pytest.raises(ledger.LedgerConflict, match=r"has moved 2\.50 EUR before"):
        ledger.move_all([give_back(other, "2.50"), give_back(charge, "1", kind=Kind.GOODWILL)])

    assert not other.transfers.filter(kind="return").exists()


def test_a_purchase_beyond_the_balance_is_booked_and_its_shortfall_is_uncovered(ann):
    top_up(ann, "2")

    charge = make_charge(ann, "5")

    booked = charge.transfers.get(kind="uncovered")
    assert balances(ann) == (0, 3)
    assert (booked.amount, booked.debit.kind, booked.credit) == (3, "uncovered", account(ann))


def test_later_credit_repays_what_is_uncovered_first(ann):
    make_charge(ann, "5")

    paid = top_up(ann, "7")

    repaid = CreditTransfer.objects.get(kind="uncovered", charge=paid.charge)
    assert balances(ann) == (2, 0)
    assert (repaid.amount, repaid.debit, repaid.credit.kind) == (5, account(ann), "uncovered")


def test_less_credit_repays_a_part(ann):
    make_charge(ann, "5")

    top_up(ann, "3.50")

    assert balances(ann) == (0, Decimal("1.50"))


def test_a_return_and_goodwill_repay_too(ann):
    first, second = make_charge(ann, "5"), make_charge(ann, "4")

    ledger.move(give_back(first, "5"))
    ledger.move(give_back(second, "4", kind=Kind.GOODWILL))

    assert balances(ann) == (0, 0)


def test_the_shops_adjustments_give_and_take(ann):
    adjust(ann, "5", "evt-1")
    adjust(ann, "-2", "evt-2")

    assert balances(ann) == (3, 0)
    assert kinds() == ["adjustment", "adjustment"]


def test_an_adjustment_below_zero_is_uncovered_and_told_again_changes_nothing(ann):
    adjust(ann, "-2")
    adjust(ann, "-2")

    assert balances(ann) == (0, 2)
    assert kinds() == ["adjustment", "uncovered"]
    with pytest.raises(ledger.LedgerConflict):
        adjust(ann, "-3")


def test_a_top_up_covers_a_purchase_that_comes_with_it(ann):
    ledger.charge_all(
        [new_charge(ann, "5", "A-1"), new_charge(ann, "6", "T-1", kind=Charge.Kind.TOP_UP)]
    )

    assert balances(ann) == (1, 0)
    assert "uncovered" not in kinds()


def test_credit_of_another_currency_covers_nothing(ann):
    top_up(ann, "50", currency="USD")

    make_charge(ann, "1")

    assert (balances(ann, "USD"), balances(ann)) == ((50, 0), (0, 1))


@pytest.mark.parametrize(
    ("currency", "amount"),
    [("JPY", "250"), ("KWD", "0.125"), ("BTC", "0.00000001"), ("USDT", "9999999999.999999")],
)
def test_an_amount_keeps_the_digits_of_its_currency(ann, currency, amount):
    top_up(ann, amount, currency=currency)

    assert f"{balances(ann, currency)[0]:f}" == amount


MOVES = [("5", "t"), ("3", "p"), ("4", "p"), ("2.50", "a"), ("-6", "a"), ("1", "t")]
"""Amounts of top-ups, purchases and adjustments."""


class AnyOrderOfArrival(TestCase):
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.permutations(
            [("5", "t"), ("3", "p"), ("4", "p"), ("2.50", "a"), ("-6", "a"), ("1", "t")]
        )
    )
    def test_balance_and_uncovered_depend_on_the_sum_alone(self, moves):
        customer = make_user(f"{timezone.now().timestamp()}@example.com")
        total = Decimal(0)
        for number, (amount, kind) in enumerate(moves):
            name = f"{customer.pk}-{number}"
            if kind == "a":
                adjust(customer, amount, name)
            elif kind == "t":
                make_charge(customer, amount, kind=Charge.Kind.TOP_UP, reference=name)
            else:
                make_charge(customer, amount, reference=name)
            total += Decimal(amount) * (-1 if kind == "p" else 1)

            assert balances(customer) == (max(Decimal(0), total), max(Decimal(0), -total))
        assert not [*faults()]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_credittransfer SET amount = amount + 1",
        "DELETE FROM accounts_credittransfer",
        "TRUNCATE accounts_credittransfer CASCADE",
        "UPDATE accounts_charge SET amount = amount + 1",
        "DELETE FROM accounts_charge",
        "TRUNCATE accounts_charge CASCADE",
        "UPDATE accounts_creditaccount SET balance = 1000",
        "UPDATE accounts_creditaccount SET currency = 'USD'",
        "DELETE FROM accounts_creditaccount",
        "TRUNCATE accounts_creditaccount CASCADE",
    ],
)
def test_raw_sql_changes_no_credit(ann, statement):
    top_up(ann, "2")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

        with (
            pytest.raises(DatabaseError, match=r"Cannot (update or )?delete|never truncated|alone"),
            transaction.atomic(),
        ):
            cursor.execute(statement)

    assert balances(ann) == (2, 0)
    assert CreditTransfer.objects.get().amount == 2
