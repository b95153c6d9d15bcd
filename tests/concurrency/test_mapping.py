"""The name of a service is mapped while orders arrive under it."""

import pytest
from django.utils import timezone

from claims.actions.orders import intake, service_mapping
from claims.actions.orders.intake import receive_orders
from claims.actions.orders.service_mapping import map_service_name
from claims.models import Number
from tests.claims.actions.orders.reports import NOW, bought, topped_up
from tests.concurrency.racing import errors, race
from tests.makers import make_staff

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
