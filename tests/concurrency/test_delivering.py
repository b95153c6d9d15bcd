"""Simultaneous workers send the shop each webhook once, in order for each order."""

from __future__ import annotations

import threading

import pytest
from django.utils import timezone

from claims.actions.shop import webhook_delivery
from claims.models import Webhook
from tests.concurrency.racing import errors, race
from tests.makers import make_order, make_webhook
from tests.processes import PATIENCE

ORDERS, EACH = 4, 5


@pytest.fixture
def webhooks(real_commits, ann) -> list[Webhook]:
    orders = [make_order(ann, sms=True) for _ in range(ORDERS)]
    return [make_webhook(order) for _ in range(EACH) for order in orders]


def deliver():
    while webhook_delivery.deliver_due(clock=timezone.now):
        pass


def told_of(shop, webhooks):
    """Return the ids that the shop has got, by order."""
    order_of = {webhook.message_id: webhook.order_id for webhook in webhooks}
    told: dict[int, list[str]] = {order_id: [] for order_id in order_of.values()}
    for event in shop.taken:
        told[order_of[event["id"]]].append(event["id"])
    return told


def wanted(webhooks):
    told: dict[int, list[str]] = {webhook.order_id: [] for webhook in webhooks}
    for webhook in webhooks:
        told[webhook.order_id].append(webhook.message_id)
    return told


def test_workers_that_race_tell_each_thing_once_and_in_its_order(webhooks, shop):
    shop.pause = 0.01

    outcomes = race(*[deliver] * 4)
    deliver()

    assert errors(outcomes) == []
    assert told_of(shop, webhooks) == wanted(webhooks)
    assert set(Webhook.objects.values_list("state", flat=True)) == {"sent"}


def test_without_the_lease_one_thing_is_told_twice(webhooks, shop, monkeypatch):
    together = threading.Barrier(2)

    def unleased(*, now):
        found = Webhook.objects.filter(state="waiting").order_by("pk").first()
        together.wait(timeout=PATIENCE)
        return found

    monkeypatch.setattr(webhook_delivery, "_begin", unleased)

    race(*[lambda: webhook_delivery.deliver_due(clock=timezone.now, limit=1)] * 2)

    assert len(shop.taken) == 2
    assert len({event["id"] for event in shop.taken}) == 1


def test_without_a_look_at_what_is_before_it_a_later_thing_is_told_first(
    real_commits, ann, shop, monkeypatch
):
    order = make_order(ann, sms=True)
    first, second = make_webhook(order), make_webhook(order)
    assert webhook_delivery._begin(now=timezone.now()) == first
    assert webhook_delivery._begin(now=timezone.now()) is None

    monkeypatch.setattr(Webhook, "UNSENT", ())

    assert webhook_delivery._begin(now=timezone.now()) == second
