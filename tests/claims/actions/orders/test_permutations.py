"""The result depends only on the set of reports, not on their order or on repetitions."""

from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import CreditAccount, CreditTransfer
from claims.actions.orders.automatic_returns import return_expired
from claims.actions.orders.intake import receive_orders
from claims.models import Event, Order
from claims.queries.orders.due_returns import CANCELLATION_RESTS
from tests.claims.actions.orders.reports import NOW, bought, minutes, topped_up

pytestmark = pytest.mark.patient

BALANCE = ("balance", "uncovered")
BOB = {"customer_email": "bob@example.com", "customer_name": "Bob"}
REPORTS = [
    topped_up(amount="10.00"),
    # Bought, used, completed.
    bought("N-1"),
    bought("N-1", activation="sms_received", sms_received_at=minutes(2), updated_at=minutes(3)),
    bought(
        "N-1",
        activation="completed",
        sms_received_at=minutes(2),
        completed_at=minutes(4),
        supplier="south",
        updated_at=minutes(4),
    ),
    # Cancelled, then an SMS after all.
    bought("N-2", purchased_at=minutes(1)),
    bought("N-2", purchased_at=minutes(1), activation="cancelled", updated_at=minutes(6)),
    bought(
        "N-2",
        purchased_at=minutes(1),
        activation="sms_received",
        sms_received_at=minutes(9),
        two_factor=True,
        updated_at=minutes(10),
    ),
    # Two reports of one instant, and one that contradicts the others.
    bought("N-3", purchased_at=minutes(2), allotted_until=minutes(40), updated_at=minutes(7)),
    bought("N-3", purchased_at=minutes(2), activation="banned", updated_at=minutes(7)),
    bought("N-3", purchased_at=minutes(2), price=Decimal(1), updated_at=minutes(8)),
    # Costs more than the rest of the balance, so a part is uncovered.
    bought("N-4", purchased_at=minutes(3), price=Decimal("9.00")),
    # Bob's balance covers one of the two, until the first price goes back.
    topped_up("T-2", amount="3.00", **BOB),
    bought("N-5", price=Decimal(3), **BOB),
    bought("N-5", price=Decimal(3), activation="timed_out", updated_at=minutes(20), **BOB),
    bought("N-6", price=Decimal(2), purchased_at=minutes(30), **BOB),
]
REFUSED = {REPORTS[9].line}
SWEPT = NOW + CANCELLATION_RESTS


def end():
    # The order of arrival decides which transfers book a shortfall on the way, not what stays.
    moved = CreditTransfer.objects.exclude(kind="uncovered")
    transfers = set(moved.values_list("charge__reference", "kind", "amount"))
    orders = Order.objects.order_by("shop_id").values_list(
        "shop_id",
        "customer__email",
        "price",
        "activation",
        "allotted_until",
        "sms_received_at",
        "completed_at",
        "reported_at",
        "returned_at",
        "late_sms_at",
        "number__supplier",
        "number__two_factor",
    )
    balances = CreditAccount.objects.filter(balance__isnull=False)
    events = Event.objects.order_by("order__shop_id", "pk")
    return (
        list(orders),
        transfers,
        {email: told for email, *told in balances.values_list("owner__email", *BALANCE)},
        list(events.values_list("order__shop_id", "kind")),
    )


def received(reports):
    """Return the refused lines and the states before and after the sweep; roll all back."""
    before = transaction.savepoint()
    try:
        refused = receive_orders(reports=reports, now=NOW).refused
        arrived = end()
        return_expired(now=SWEPT)
        return {line for line, _ in refused}, arrived, end()
    finally:
        transaction.savepoint_rollback(before)


@pytest.mark.django_db
def test_the_reports_come_to_what_their_story_says():
    refused, (orders, _, balances, events), swept = received(REPORTS)

    assert refused == REFUSED
    assert balances == {"ann@example.com": [0, Decimal("6.50")], "bob@example.com": [0, 2]}
    assert events == []
    assert [row[0] for row in orders] == ["N-1", "N-2", "N-3", "N-4", "N-5", "N-6", "T-1", "T-2"]
    _, transfers, balances, events = swept
    assert balances == {"ann@example.com": [Decimal("7.50"), 0], "bob@example.com": [3, 0]}
    assert ("N-2", "return", Decimal("2.50")) in transfers
    assert [event for event in events if event[1] == "late_sms"] == [("N-2", "late_sms")]
    assert {order for order, kind in events if kind == "returned"} == {
        "N-2",
        "N-3",
        "N-4",
        "N-5",
        "N-6",
    }


@pytest.mark.django_db
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    shuffled=st.permutations(REPORTS),
    again=st.lists(st.sampled_from(REPORTS), max_size=8),
)
def test_neither_order_nor_repetition_changes_the_end(shuffled, again):
    assert received([*shuffled, *again]) == received(REPORTS)


@pytest.mark.django_db
@settings(max_examples=15, deadline=None)
@given(shuffled=st.permutations(REPORTS))
def test_the_same_set_a_second_time_changes_nothing(shuffled):
    before = transaction.savepoint()
    try:
        receive_orders(reports=REPORTS, now=NOW)
        first = end()
        answer = receive_orders(reports=shuffled, now=NOW)
        assert (answer.created, answer.updated, answer.customers) == (0, 0, 0)
        assert {line for line, _ in answer.refused} == REFUSED
        assert end() == first
    finally:
        transaction.savepoint_rollback(before)
