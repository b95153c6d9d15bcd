"""Amounts of imported orders, of any currency and any size."""

import io
import json
from contextlib import suppress
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from accounts.models import CreditAccount
from claims.models import Order
from tests.claims.actions.orders.reports import NUMBER, TOP_UP

pytestmark = pytest.mark.django_db


@pytest.fixture
def imported(tmp_path):
    """Return a function that imports rows and returns the lines about those it refuses."""

    def run(*rows):
        path, err = tmp_path / "orders.jsonl", io.StringIO()
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        with suppress(CommandError):
            call_command("importorders", str(path), stdout=io.StringIO(), stderr=err, no_color=True)
        return err.getvalue().splitlines()

    return run


def test_a_purchase_that_no_credit_covers_is_imported(imported):
    refused = imported(NUMBER | {"order_id": "N-2", "price": "99.00"})

    assert refused == []
    account = CreditAccount.objects.get(owner__email="ann@example.com")
    assert (account.balance, account.uncovered) == (0, Decimal("99.00"))


def test_a_balance_of_any_size_is_kept(imported):
    rows = [TOP_UP | {"order_id": f"T-{number}", "price": "9999999999.99"} for number in range(102)]

    refused = imported(*rows)

    assert refused == []
    balance = CreditAccount.objects.get(owner__email="ann@example.com").balance
    assert balance == 102 * Decimal("9999999999.99")


def test_amounts_have_the_decimals_of_their_currency(imported):
    rows = [
        TOP_UP | {"order_id": "T-JPY", "price": "50000", "currency": "JPY"},
        TOP_UP | {"order_id": "T-KWD", "price": "50.125", "currency": "KWD"},
        TOP_UP | {"order_id": "T-KWD-2", "price": "50.25", "currency": "KWD"},
        TOP_UP | {"order_id": "T-USDT", "price": "100", "currency": "USDT"},
        TOP_UP | {"order_id": "T-odd", "price": "0.5", "currency": "JPY"},
        TOP_UP | {"order_id": "T-none", "price": "1", "currency": "POINTS"},
    ]

    refused = imported(*rows)

    assert refused == [
        "line 5: price “0.5” has more decimals than JPY, which has 0",
        (
            "line 6: currency “POINTS” is neither a currency of ISO 4217, such as EUR, nor in"
            " CURRENCY_DIGITS"
        ),
    ]
    prices = Order.objects.order_by("shop_id").values_list("price", flat=True)
    assert [str(price) for price in prices] == ["50000", "50.125", "50.250", "100.000000"]
