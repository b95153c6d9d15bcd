"""The name of a service is mapped while orders arrive under it, and while claims are filed."""

import threading

import pytest
from django.utils import timezone

from claims.actions.orders import intake, service_mapping
from claims.actions.orders.intake import receive_orders
from claims.actions.orders.service_mapping import map_service_name
from claims.models import Claim, Number
from tests.claims.actions.orders.reports import NOW, bought, topped_up
from tests.concurrency.racing import errors, race, someone_waits
from tests.makers import make_claim, make_order, make_staff, make_user
from tests.processes import PATIENCE, wait_until

TOGETHER = 6


def arriving(n):
    report = bought(f"N-{n}", phone=f"+49151123456{n:02}", service="", service_sent="Some Chat")
    return lambda: receive_orders(reports=[report], now=NOW)


def mapping(by):
    return lambda: map_service_name(name="some chat", slug="viber", by=by, now=timezone.now())


@pytest.mark.usefixtures("real_commits")
def test_no_order_stays_unmapped():
    by = make_staff("max@example.com", "Supervisor")
    receive_orders(reports=[topped_up(amount="500.00")], now=NOW)

    outcomes = race(mapping(by), *(arriving(n) for n in range(TOGETHER)))

    assert errors(outcomes) == []
    assert [*Number.objects.values_list("service", flat=True)] == ["viber"] * TOGETHER


@pytest.mark.usefixtures("real_commits")
def test_without_the_lock_an_order_stays_unmapped(monkeypatch):
    by = make_staff("max@example.com", "Supervisor")
    receive_orders(reports=[topped_up(amount="500.00")], now=NOW)
    monkeypatch.setattr(service_mapping, "lock_intake", lambda: None)
    resolve = intake.resolve_services

    def resolve_and_then_map(reports):
        resolved = resolve(reports)
        assert errors(race(mapping(by))) == []
        return resolved

    monkeypatch.setattr(intake, "resolve_services", resolve_and_then_map)
    arriving(0)()

    assert Number.objects.get().service is None


def mapping_slowly(by, locked, filed, monkeypatch):
    """Map the name, and commit only after somebody has tried to file a claim."""
    refresh = service_mapping.refresh_open_claims

    def wait_for_the_claim(orders):
        locked.set()
        wait_until(lambda: filed.is_set() or someone_waits())
        refresh(orders)

    monkeypatch.setattr(service_mapping, "refresh_open_claims", wait_for_the_claim)
    return mapping(by)


def filing(order, locked, filed):
    def file():
        locked.wait(timeout=PATIENCE)
        try:
            return make_claim(order)
        finally:
            filed.set()

    return file


@pytest.mark.usefixtures("real_commits")
@pytest.mark.parametrize("reads_again", [True, False], ids=["as it is", "without a second look"])
def test_a_claim_that_is_filed_meanwhile_gets_the_service(monkeypatch, reads_again):
    by, ann = make_staff("max@example.com", "Supervisor"), make_user("ann@example.com")
    order = make_order(ann, service="", service_sent="Some Chat")
    if not reads_again:
        monkeypatch.setattr(Number, "refresh_from_db", lambda number, **given: None)
    locked, filed = threading.Event(), threading.Event()

    outcomes = race(mapping_slowly(by, locked, filed, monkeypatch), filing(order, locked, filed))

    assert errors(outcomes) == []
    claim = Claim.objects.get()
    assert claim.service == ("viber" if reads_again else "")
    assert Number.objects.get().service_id == "viber"
