"""The shop moves credit of several customers in one request while the sweep returns prices."""

import threading
from datetime import timedelta

from django.utils import timezone

from accounts import ledger
from accounts.checking import faults
from accounts.models import CreditTransfer
from claims.actions.orders.automatic_returns import return_expired
from claims.actions.shop import inbound_events
from tests.claims.actions.orders.reports import NUMBER
from tests.claims.actions.shop.shop_messages import created, message
from tests.concurrency.racing import errors, race, someone_waits
from tests.makers import make_order
from tests.processes import wait_until


def meet(ann, bob, monkeypatch):
    """Let the events charge bob, and adjust ann's credit only when the sweep waits for a lock."""
    now = timezone.now()
    expired = [
        make_order(customer, purchased_at=now - timedelta(hours=1)) for customer in (ann, bob)
    ]
    charged = threading.Event()
    adjust = inbound_events.adjust_credit

    def adjust_later(adjusted, *, now):
        charged.set()
        wait_until(someone_waits)
        adjust(adjusted, now=now)

    def tell():
        data = {"customer_email": ann.email, "amount": "1.00", "currency": "EUR"}
        events = [
            created("bought", NUMBER, customer_email=bob.email),
            message("bonus", "credit.adjusted", **data, reason="bonus"),
        ]
        return inbound_events.receive_shop_events(messages=events, now=now)

    def sweep():
        charged.wait()
        return return_expired(now=now)

    monkeypatch.setattr(inbound_events, "adjust_credit", adjust_later)
    return race(tell, sweep), expired


def test_neither_waits_for_the_other_for_ever(ann, bob, monkeypatch):
    outcomes, expired = meet(ann, bob, monkeypatch)

    assert errors(outcomes) == []
    back = CreditTransfer.objects.filter(kind="return", charge__in=[o.charge for o in expired])
    assert back.count() == 2
    assert not [*faults()]


def test_without_the_lock_on_all_accounts_they_do(ann, bob, monkeypatch):
    monkeypatch.setattr(ledger, "lock_accounts", lambda owner_ids: None)

    outcomes, _ = meet(ann, bob, monkeypatch)

    assert ["deadlock" in str(error) for error in errors(outcomes)] == [True]
    assert not [*faults()]
