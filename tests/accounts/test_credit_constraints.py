"""The writes that the database itself refuses, whatever code makes them."""

import itertools
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from accounts import ledger
from accounts.models import Charge, CreditAccount, CreditTransfer
from tests.makers import make_charge, top_up


def account(owner=None, currency="EUR", **fields):
    plain = {"kind": "customer", "balance": 0, "uncovered": 0} if owner else {"kind": "sales"}
    return CreditAccount.objects.create(owner=owner, currency=currency, **plain | fields)


def transfer(debit, credit, **fields):
    plain = {"amount": Decimal(1), "currency": "EUR", "kind": "adjustment", "key": "event:1"}
    plain |= {"event_id": "" if fields.get("charge") else "evt-1", "made_at": timezone.now()}
    return CreditTransfer.objects.create(debit=debit, credit=credit, **plain | fields)


def shop(kind, currency="EUR"):
    return CreditAccount.objects.get_or_create(kind=kind, currency=currency)[0]


def mine_of(customer):
    return CreditAccount.objects.get(owner=customer, currency="EUR")


def refused_by(name, error=IntegrityError):
    return pytest.raises(error, match=name)


@pytest.mark.django_db
@pytest.mark.parametrize("fields", [{"kind": "customer", "balance": 0}, {"balance": 0}])
def test_an_account_without_an_owner_is_the_shops_and_keeps_no_balance(fields):
    with refused_by("customers_accounts_have_an_owner_and_a_balance"):
        account(**fields)


@pytest.mark.parametrize("fields", [{"kind": "sales", "balance": None}, {"balance": None}])
def test_an_owned_account_is_a_customers_and_has_a_balance(ann, fields):
    with refused_by("customers_accounts_have_an_owner_and_a_balance"):
        account(ann, **fields)


def test_a_customer_has_one_account_for_each_currency(ann):
    account(ann, "EUR")
    account(ann, "USD")

    with refused_by("one_account_per_customer_and_currency"):
        account(ann, "EUR")


@pytest.mark.django_db
def test_the_shop_has_one_account_for_each_kind_and_currency():
    account(currency="EUR")
    account(currency="EUR", kind="payments")

    with refused_by("one_shop_account_per_kind_and_currency"):
        account(currency="EUR")


@pytest.mark.parametrize("currency", ["eur", "EU", "1ER", "E-R"])
def test_a_currency_is_a_code_in_capital_letters(ann, currency):
    with refused_by("account_currency_is_a_code"):
        account(ann, currency)


@pytest.mark.parametrize("fields", [{"balance": 5}, {"uncovered": 5}])
def test_an_account_opens_empty(ann, fields):
    with refused_by("opens with a balance of zero", DatabaseError):
        account(ann, **fields)


def test_an_account_does_not_open_below_zero(ann):
    with refused_by("balance_is_never_below_zero"), transaction.atomic():
        account(ann, balance=-5)
    with refused_by("uncovered_is_never_below_zero"):
        account(ann, uncovered=-5)


def test_a_balance_is_not_edited(ann):
    top_up(ann, "3")
    mine = mine_of(ann)
    mine.balance = Decimal(300)

    with refused_by("changes by credit transfers alone", DatabaseError), transaction.atomic():
        mine.save()

    mine.refresh_from_db()
    assert mine.balance == 3


@pytest.mark.parametrize("amount", ["0", "-1"])
def test_a_transfer_moves_more_than_nothing(ann, amount):
    with refused_by("transfer_amount_is_positive"):
        transfer(shop("adjustments"), account(ann), amount=Decimal(amount))


def test_a_transfer_has_a_kind_that_is_known(ann):
    with refused_by("transfer_kind_is_known|transfer_has_one_cause"):
        transfer(shop("sales"), account(ann), kind="present")


def test_a_key_is_used_once(ann):
    adjustments, mine = shop("adjustments"), account(ann)
    transfer(adjustments, mine)

    with refused_by("key"), transaction.atomic():
        transfer(adjustments, mine, event_id="evt-2")

    mine.refresh_from_db()
    assert mine.balance == 1


def test_a_purchase_goes_from_the_customer_to_the_shop(ann):
    charge = make_charge(ann, "1")

    with refused_by("a purchase goes from a customer to the shop", DatabaseError):
        transfer(shop("sales"), mine_of(ann), kind="purchase", charge=charge)


@pytest.mark.parametrize("kind", ["top_up", "return", "goodwill"])
def test_what_gives_credit_goes_to_the_customer(ann, kind):
    charge = make_charge(ann, "1")

    with refused_by("what gives credit to a customer", DatabaseError):
        transfer(mine_of(ann), shop("sales"), kind=kind, charge=charge)


@pytest.mark.parametrize("kind", ["adjustment", "uncovered"])
def test_credit_does_not_go_from_customer_to_customer(ann, bob, kind):
    top_up(ann, "5")

    with refused_by("a purchase goes from a customer to the shop", DatabaseError):
        transfer(mine_of(ann), account(bob), kind=kind)


def test_each_kind_has_its_own_account_of_the_shop(ann):
    with refused_by("its own account of the shop", DatabaseError):
        transfer(shop("sales"), account(ann))


@pytest.mark.parametrize(("of_shop", "of_ann"), [("USD", "EUR"), ("EUR", "USD"), ("USD", "USD")])
def test_a_transfer_and_its_accounts_have_one_currency(ann, of_shop, of_ann):
    with refused_by("have one currency", DatabaseError):
        transfer(shop("adjustments", of_shop), account(ann, of_ann))


def test_a_purchase_beyond_the_balance_says_by_how_much(ann):
    with refused_by("balance_is_never_below_zero"), transaction.atomic():
        charge = unbooked_charge(ann, "5.01")
        transfer(mine_of(ann), shop("sales"), kind="purchase", charge=charge, amount=charge.amount)


def test_nothing_is_uncovered_while_there_is_credit(ann):
    top_up(ann, "5")

    with refused_by("credit_repays_what_is_uncovered_first"), transaction.atomic():
        transfer(shop("uncovered"), mine_of(ann), kind="uncovered")


def test_no_more_is_repaid_than_is_uncovered(ann):
    top_up(ann, "5")

    with refused_by("credit_repays_what_is_uncovered_first|uncovered_is_never_below_zero"):
        transfer(mine_of(ann), shop("uncovered"), kind="uncovered")


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "return"},
        {"kind": "purchase"},
        {"kind": "adjustment", "event_id": ""},
        {"kind": "uncovered", "event_id": ""},
        {"kind": "adjustment", "charge": True},
        {"kind": "uncovered", "charge": True, "event_id": "evt-1"},
    ],
)
def test_a_transfer_has_a_charge_or_an_event_as_its_cause(ann, fields):
    charge = make_charge(ann, "1")
    accounts = {"purchase": "sales", "return": "sales", "adjustment": "adjustments"}
    side = shop(accounts.get(fields["kind"], "uncovered"))
    pair = (mine_of(ann), side) if fields["kind"] == "purchase" else (side, mine_of(ann))

    with refused_by("transfer_has_one_cause"):
        transfer(*pair, **fields | ({"charge": charge} if "charge" in fields else {}))


def unbooked_charge(customer, amount):
    """Return a charge that nothing has booked yet: the check waits for the commit."""
    mine = ledger.open_accounts({(customer.pk, "EUR")})[customer.pk, "EUR"]
    return Charge.objects.create(
        account=mine, kind="purchase", amount=Decimal(amount), currency="EUR",
        reference="bare", made_at=timezone.now(),
    )  # fmt: skip


def test_a_charge_is_booked_before_the_commit(ann):
    unbooked_charge(ann, "5")

    with refused_by("has its purchase or top-up", DatabaseError), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("kind", ["purchase", "top_up"])
def test_a_charge_is_booked_for_its_amount_and_as_what_it_is(ann, kind):
    charge = unbooked_charge(ann, "5")
    pair = (mine_of(ann), shop("sales"))
    if kind == "top_up":
        pair = (shop("payments"), mine_of(ann))

    with refused_by("of the whole amount of its charge", DatabaseError):
        transfer(*pair, kind=kind, charge=charge, amount=Decimal("4.99"))


def test_a_charge_is_booked_once(ann):
    top_up(ann, "10")
    charge = make_charge(ann, "5")

    with refused_by("a_charge_is_booked_once"):
        transfer(mine_of(ann), shop("sales"), kind="purchase", charge=charge, amount=Decimal(5))


@pytest.mark.parametrize(
    ("first", "second"), [*itertools.product(["return", "goodwill"], repeat=2)]
)
def test_a_charge_goes_back_once_whatever_the_cause(ann, first, second):
    sides = {"return": shop("sales"), "goodwill": shop("goodwill")}
    top_up(ann, "5")
    charge = make_charge(ann, "5")
    transfer(sides[first], mine_of(ann), kind=first, charge=charge, key="a")

    with refused_by("a_charge_goes_back_once"):
        transfer(sides[second], mine_of(ann), kind=second, charge=charge, key="b")


@pytest.mark.parametrize("kind", ["return", "goodwill"])
def test_no_more_goes_back_than_was_paid_and_never_a_top_up(ann, kind):
    side = shop("sales" if kind == "return" else "goodwill")
    paid = top_up(ann, "5").charge

    with refused_by("no more than its price", DatabaseError), transaction.atomic():
        transfer(side, mine_of(ann), kind=kind, charge=make_charge(ann, "2"), amount=Decimal(3))
    with refused_by("only a purchase goes back", DatabaseError):
        transfer(side, mine_of(ann), kind=kind, charge=paid)


def test_a_charge_is_settled_with_its_own_account(ann, bob):
    charge = make_charge(ann, "1")

    with refused_by("of the account that was charged", DatabaseError):
        transfer(shop("sales"), account(bob), kind="return", charge=charge)


def test_an_event_adjusts_once(ann):
    adjustments, mine = shop("adjustments"), account(ann)
    transfer(adjustments, mine)

    with refused_by("one_adjustment_per_event"):
        transfer(adjustments, mine, key="event:2")


@pytest.mark.parametrize(("kind", "amount"), [("purchase", "-1"), ("top_up", "0")])
def test_a_charge_is_of_an_amount_that_its_kind_allows(ann, kind, amount):
    with refused_by("charge_amount_is_not_negative"):
        Charge.objects.create(
            account=account(ann), kind=kind, amount=Decimal(amount), currency="EUR",
            reference="x", made_at=timezone.now(),
        )  # fmt: skip


@pytest.mark.parametrize("of_shop", [True, False])
def test_a_charge_is_of_a_customers_account_in_its_currency(ann, of_shop):
    charged = shop("sales") if of_shop else account(ann, "USD")

    with refused_by("a customer's account in its currency", DatabaseError):
        Charge.objects.create(
            account=charged, kind="purchase", amount=1, currency="EUR", reference="x",
            made_at=timezone.now(),
        )  # fmt: skip


def test_without_the_constraint_a_price_goes_back_twice(ann):
    top_up(ann, "5")
    charge = make_charge(ann, "5")
    run("DROP INDEX a_charge_goes_back_once")

    for key in ("a", "b"):
        transfer(
            shop("sales"), mine_of(ann), kind="return", charge=charge, amount=Decimal(5), key=key
        )

    assert mine_of(ann).balance == 10


@pytest.mark.parametrize("amount", ["1", "999999"])
def test_without_the_trigger_more_goes_back_than_was_paid(ann, amount):
    top_up(ann, "1")
    charge = make_charge(ann, "1")
    name = next(t for t in CreditTransfer._meta.triggers if t.name == "settles_its_charge")
    run(f"ALTER TABLE accounts_credittransfer DISABLE TRIGGER {name.get_pgid(CreditTransfer)}")

    transfer(shop("sales"), mine_of(ann), kind="return", charge=charge, amount=Decimal(amount))

    assert mine_of(ann).balance == Decimal(amount)


def run(statement):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)
