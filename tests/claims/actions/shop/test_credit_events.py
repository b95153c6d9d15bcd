"""The shop's own movements of credit, and its figures."""

import itertools
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from accounts.checking import faults
from accounts.models import BalanceSnapshot, CreditAccount, CreditTransfer, User
from claims.actions.orders.automatic_returns import return_expired
from claims.actions.shop import inbound_events
from claims.actions.shop.inbound_events import receive_shop_events
from claims.models import (
    Acknowledgement,
    Claim,
    Contradiction,
    Dispute,
    Order,
    ShopEvent,
    SupplierEntry,
    Webhook,
)
from tests.claims.actions.orders.reports import NOW, NUMBER, TOP_UP, minutes
from tests.claims.actions.shop.shop_messages import created, message
from tests.makers import make_claim

pytestmark = pytest.mark.django_db
ANN = "ann@example.com"


def receive(*messages):
    return receive_shop_events(messages=messages, now=NOW)


def adjusted(event_id="evt", amount="5.00", **data):
    told = {"customer_email": ANN, "amount": amount, "currency": "EUR", "reason": "bonus"}
    return message(event_id, "credit.adjusted", 3, **told | data)


def refunded(event_id="refund", **data):
    return message(event_id, "order.refunded", 9, order_id="N-1", **data)


def account():
    return CreditAccount.objects.get(owner__email=ANN, currency="EUR")


def balances():
    return account().balance, account().uncovered


def test_a_bonus_is_credit_of_a_customer_whom_nobody_knew():
    (answer,) = receive(adjusted(amount=5))

    made = CreditTransfer.objects.get()
    assert answer.state == "applied"
    assert balances() == (5, 0)
    assert (made.kind, made.event_id, made.made_at) == ("adjustment", "evt", minutes(3))
    assert User.objects.get().email == ANN


def test_what_the_shop_takes_is_uncovered_when_nothing_is_there():
    receive(adjusted(amount="-5.00", reason="payout"))

    assert balances() == (0, 5)


def test_an_adjustment_told_again_counts_once():
    receive(adjusted(), adjusted())
    receive(adjusted())

    assert balances() == (5, 0)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"amount": "0"}, "amount must not be 0"),
        ({"amount": "1.005"}, "amount “1.005” has more decimals than EUR, which has 2"),
        ({"reason": "gift"}, "reason “gift” is not one of bonus, correction, withdrawal, payout"),
        ({"currency": ""}, "currency is missing"),
    ],
)
def test_an_adjustment_that_cannot_be_read_is_refused_with_why(data, why):
    (answer,) = receive(adjusted(**data))

    assert (answer.state, answer.problem) == ("refused", why)
    assert not CreditTransfer.objects.exists()


def test_balance_and_uncovered_are_the_same_in_any_order():
    events = [
        created("top-up", TOP_UP, price="5.00"),
        created("one", NUMBER, price="4.00"),
        adjusted("bonus", "2.00"),
        adjusted("payout", "-6.00", reason="payout"),
    ]
    ends = set()
    for turn in itertools.permutations(events):
        before = transaction.savepoint()
        for event in turn:
            receive(event)
        ends.add(balances())
        assert not [*faults()]
        transaction.savepoint_rollback(before)

    assert ends == {(0, 3)}


def test_the_shops_figure_is_kept_and_moves_nothing():
    told = {"customer_email": ANN, "balance": "12.00", "currency": "EUR"}

    (answer,) = receive(message("figure", "credit.balance", 5, **told))

    kept = BalanceSnapshot.objects.get()
    assert answer.state == "applied"
    assert (kept.balance, kept.at, kept.account) == (12, minutes(5), account())
    assert balances() == (0, 0)


def test_the_shops_own_refund_is_the_return_of_the_charge_and_told_to_nobody(settings, run_jobs):
    settings.SHOP_URL = "https://shop.example/events"
    receive(created("top-up", TOP_UP), created("one", NUMBER))
    claim = make_claim(Order.objects.get(shop_id="N-1"), kind="major_defect", now=minutes(60))
    before = Webhook.objects.count()

    (answer,) = receive(refunded())

    order = Order.objects.get(shop_id="N-1")
    claim.refresh_from_db()
    assert answer.state == "applied"
    assert (order.return_transfer.kind, order.return_transfer.charge) == ("return", order.charge)
    assert balances() == (Decimal("20.00"), 0)
    assert claim.status == Claim.Status.REFUNDED
    assert Webhook.objects.count() == before
    assert not Acknowledgement.objects.exists()
    assert return_expired(now=NOW) == 0


def test_a_part_may_be_refunded_and_the_story_says_how_much():
    receive(created("one", NUMBER))

    receive(refunded(amount="1.00", currency="EUR"))

    order = Order.objects.get()
    assert order.return_transfer.amount == 1
    assert order.events.get().data == {"amount": "1.00", "currency": "EUR", "by_shop": True}


def test_a_refund_waits_for_its_order():
    (early,) = receive(refunded())
    receive(created("one", NUMBER))

    assert early.state == "waiting"
    assert Order.objects.get().returned_at is not None
    assert ShopEvent.objects.get(event_id="refund").state == "applied"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"amount": "2.51", "currency": "EUR"}, "at most 2.50 EUR"),
        ({"amount": "1.00", "currency": "USD"}, "at most 2.50 EUR"),
        ({"amount": "1.00"}, "currency is missing"),
    ],
)
def test_a_refund_of_another_amount_is_refused(data, why):
    receive(created("one", NUMBER))

    (answer,) = receive(refunded(**data))

    assert answer.state == "refused"
    assert why in answer.problem
    assert Order.objects.get().returned_at is None


@pytest.mark.parametrize("told", [{}, {"amount": "0.00", "currency": "EUR"}])
def test_an_order_that_cost_nothing_is_refunded_with_nothing(told):
    receive(created("gift", NUMBER, price="0"))

    (answer,) = receive(refunded(**told))

    order = Order.objects.get()
    assert (answer.state, answer.problem) == ("applied", "")
    assert order.returned_at is not None
    assert order.return_transfer is None


def test_more_than_nothing_is_no_refund_of_an_order_that_cost_nothing():
    receive(created("gift", NUMBER, price="0"))

    (answer,) = receive(refunded(amount="1.00", currency="EUR"))

    assert (answer.state, answer.problem) == (
        "refused",
        "N-1 cost 0.00 EUR, so its refund is 0, too",
    )


@pytest.mark.parametrize("turn", [1, -1])
def test_an_sms_before_or_after_the_shops_own_refund_is_not_late(turn):
    receive(created("one", NUMBER))

    for event in [message("sms", "sms.received", 5, order_id="N-1"), refunded()][::turn]:
        receive(event)

    order = Order.objects.get()
    assert order.returned_at is not None
    assert (order.sms_received_at, order.late_sms_at) == (minutes(5), None)


def test_a_refund_of_what_went_back_or_of_a_top_up_is_refused():
    receive(created("one", NUMBER), created("top-up", TOP_UP))
    return_expired(now=NOW)

    again, top_up = receive(refunded(), message("refund-2", "order.refunded", 9, order_id="T-1"))

    assert (again.state, top_up.state) == ("refused", "refused")
    assert "returned or replaced before" in again.problem
    assert "never refunded" in top_up.problem
    assert CreditTransfer.objects.filter(kind="return").count() == 1


def test_a_dispute_of_a_top_up_is_kept():
    receive(created("top-up", TOP_UP))

    (answer,) = receive(message("d", "payment.disputed", 9, order_id="T-1", reason="Not mine."))

    kept = Dispute.objects.get()
    assert answer.state == "applied"
    assert (kept.order.shop_id, kept.reason, kept.opened_at) == ("T-1", "Not mine.", minutes(9))


def test_a_dispute_of_a_number_is_refused():
    receive(created("one", NUMBER))

    (answer,) = receive(message("d", "payment.disputed", 9, order_id="N-1"))

    assert (answer.state, answer.problem) == ("refused", "N-1 is no top-up")


def test_other_content_under_a_known_id_is_a_conflict_that_is_kept_once():
    receive(adjusted(amount="5.00"))

    first, again = receive(adjusted(amount="6.00"), adjusted(amount="6.00"))

    assert (first.state, again.state, first.is_new) == ("conflict", "conflict", False)
    assert "used before, for other content" in first.problem
    assert balances() == (5, 0)
    kept = Contradiction.objects.get()
    assert (kept.event.event_id, kept.data["amount"]) == ("evt", "6.00")
    with pytest.raises(DatabaseError), transaction.atomic():
        kept.delete()


def test_of_two_contents_in_one_batch_the_first_counts():
    one, other = receive(adjusted(amount="5.00"), adjusted(amount="6.00"))

    assert (one.state, other.state) == ("applied", "conflict")
    assert balances() == (5, 0)


def test_the_same_content_in_another_spelling_of_numbers_is_no_conflict():
    receive(adjusted(amount=5e0))

    (answer,) = receive(adjusted(amount=5))

    assert (answer.state, answer.is_new) == ("applied", False)


def test_an_event_of_an_unknown_type_is_applied_once_the_type_is_known(monkeypatch):
    known = [value for value in ShopEvent.Type.values if value != "credit.adjusted"]
    with monkeypatch.context() as patch:
        patch.setattr(inbound_events, "KNOWN_TYPES", frozenset(known))
        (early,) = receive(adjusted())
    assert early.state == "unknown"

    receive(message("anything", "number.two_factor", 7, order_id="N-9"))

    assert ShopEvent.objects.get(event_id="evt").state == "applied"
    assert balances() == (5, 0)


def test_an_event_that_nobody_can_read_when_its_type_is_known_is_refused_then(monkeypatch):
    known = [value for value in ShopEvent.Type.values if value != "credit.adjusted"]
    with monkeypatch.context() as patch:
        patch.setattr(inbound_events, "KNOWN_TYPES", frozenset(known))
        receive(adjusted(amount="much"))

    receive(message("anything", "number.two_factor", 7, order_id="N-9"))

    event = ShopEvent.objects.get(event_id="evt")
    assert event.state == "refused"
    assert "is not an amount" in event.problem


@pytest.mark.parametrize("kind", ["charged", "refunded"])
def test_what_a_supplier_takes_or_gives_back_is_kept_with_its_order(kind):
    receive(created("one", NUMBER))
    told = {"order_id": "N-1", "amount": "0.80", "currency": "USD", "supplier_order_id": "S-7"}

    (answer,) = receive(message("s", f"supplier.{kind}", 9, **told))

    entry = SupplierEntry.objects.get()
    assert answer.state == "applied"
    assert (entry.order.shop_id, entry.kind, str(entry.amount)) == ("N-1", kind, "0.80")
    assert (entry.currency, entry.supplier_order_id, entry.at) == ("USD", "S-7", minutes(9))
    assert balances() == (0, Decimal("2.50"))


def test_a_supplier_s_entry_waits_for_its_order_and_is_refused_for_a_top_up_or_nothing():
    told = {"amount": "0.80", "currency": "USD"}
    waits, nothing = receive(
        message("s-1", "supplier.charged", 9, order_id="N-1", **told),
        message("s-2", "supplier.charged", 9, order_id="N-1", amount="0", currency="USD"),
    )
    receive(created("top-up", TOP_UP), created("one", NUMBER))
    (top_up,) = receive(message("s-3", "supplier.refunded", 9, order_id="T-1", **told))

    assert (waits.state, nothing.problem) == ("waiting", "amount must be more than 0")
    assert "which no supplier sells" in top_up.problem
    assert ShopEvent.objects.get(event_id="s-1").state == "applied"


def test_the_database_keeps_a_supplier_s_entry():
    receive(created("one", NUMBER))
    receive(message("s", "supplier.charged", 9, order_id="N-1", amount="1", currency="EUR"))

    with pytest.raises(DatabaseError), transaction.atomic():
        SupplierEntry.objects.update(amount=2)


def test_staff_see_the_supplier_s_entries_and_the_customer_does_not(sue):
    receive(created("one", NUMBER))
    told = {"order_id": "N-1", "amount": "0.77", "currency": "USD", "supplier_order_id": "S-7"}
    receive(message("s", "supplier.charged", 9, **told))
    order = Order.objects.get()
    staff, customer = Client(), Client()
    staff.force_login(sue)
    customer.force_login(order.customer)

    assert "0.77 USD" in staff.get(f"/admin/claims/order/{order.pk}/change/").content.decode()
    for address in ("/orders/", "/credit/"):
        page = customer.get(address).content.decode()
        assert "0.77" not in page
        assert "S-7" not in page
