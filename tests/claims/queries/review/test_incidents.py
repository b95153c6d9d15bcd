from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from claims import queries
from claims.actions.customer import withdrawal
from claims.actions.review import conversation
from claims.models import Claim
from claims.queries.review import incidents as reading
from tests.claims.actions.review.group_answers import make_one, this_hour
from tests.makers import make_claim, make_lease, make_order, newest_event
from tests.reviewing import reject


def found():
    return queries.open_groups(now=timezone.now())


def test_claims_of_one_supply_and_hour_are_one_group(ann, bob):
    hour = this_hour()
    make_one(ann, at=hour)
    make_one(bob, at=hour + timedelta(minutes=59, seconds=59))
    make_one(ann, at=hour + timedelta(hours=1))
    make_one(ann, at=hour - timedelta(microseconds=1))
    make_one(ann, at=hour, service="viber")
    make_one(ann, at=hour, country="FR")

    (only,) = found()

    assert only.group == queries.ClaimGroup("north", "whatsapp", "DE", hour)
    assert (only.waiting, only.filed) == (2, 2)


def test_other_kinds_and_closed_claims_are_not_waiting_in_a_group(ann, sue):
    first, second, third = (make_one(ann) for _ in range(3))
    make_claim(make_order(ann, purchased_at=this_hour(), sms=True), kind="major_defect")
    withdrawal.withdraw_claim(claim_id=third.pk, by=ann, now=timezone.now())

    (only,) = found()

    assert (only.waiting, only.filed) == (2, 3)
    withdrawal.withdraw_claim(claim_id=second.pk, by=ann, now=timezone.now())
    assert found() == []
    assert Claim.objects.get(pk=first.pk).is_open


def test_what_waits_for_its_customer_is_in_the_group_too(ann, sue):
    claims = [make_one(ann), make_one(ann)]
    make_lease(claims[0], sue)
    conversation.ask_for_evidence(
        claim_id=claims[0].pk, by=sue, seen=newest_event(claims[0]), note="?", now=timezone.now()
    )

    assert found()[0].waiting == 2


def test_purchases_of_long_ago_are_not_grouped(ann):
    old = timezone.now() - reading.RECENT - timedelta(hours=2)
    for _ in range(2):
        order = make_order(ann, purchased_at=old)
        make_claim(order, now=old + timedelta(hours=1))

    assert found() == []


def test_five_claims_out_of_nothing_are_unusual_and_four_are_not(ann):
    for _ in range(4):
        make_one(ann)
    assert not found()[0].is_unusual

    make_one(ann)

    (group,) = found()
    assert group.is_unusual
    assert (group.usual, group.score) == (0, 5)


@pytest.mark.parametrize(("claims", "is_unusual"), [(8, False), (9, True)])
def test_a_group_is_unusual_from_three_deviations_on(claims, is_unusual, ann, monkeypatch):
    """Six claims in two hours are three an hour: nine are (9 - 3) / √4 = 3 deviations above."""
    monkeypatch.setattr(reading, "PAST_HOURS", 2)
    hour = this_hour()
    for _ in range(6):
        make_one(ann, at=hour - timedelta(hours=2))
    make_one(ann, at=hour - timedelta(hours=3))
    for _ in range(claims):
        make_one(ann, at=hour)

    group = next(group for group in found() if group.group.hour == hour)

    assert group.usual == 3
    assert group.is_unusual == is_unusual


def test_the_past_counts_closed_claims_and_hours_without_any(ann, sue):
    hour = this_hour()
    closed = make_one(ann, at=hour - timedelta(hours=5))
    reject(
        claim_id=closed.pk, by=sue, seen=newest_event(closed), answers={}, clause="server-side",
        note="No.", now=timezone.now(),
    )  # fmt: skip
    make_one(ann, at=hour - timedelta(hours=5), service="viber")
    for _ in range(2):
        make_one(ann, at=hour)

    (group,) = found()

    assert group.usual == pytest.approx(1 / (14 * 24))


def test_unusual_groups_come_first(ann):
    for _ in range(5):
        make_one(ann, service="viber", at=this_hour() - timedelta(hours=1))
    for _ in range(3):
        make_one(ann, service="google")

    assert [(each.group.service, each.is_unusual) for each in found()] == [
        ("viber", True),
        ("google", False),
    ]


def test_the_groups_are_one_statement_however_many_there_are(ann):
    for service in ("viber", "google", "discord"):
        for _ in range(2):
            make_one(ann, service=service)

    with CaptureQueriesContext(connection) as queried:
        assert len(found()) == 3

    assert len(queried) == 1
