"""The figures of the desk, compared with a count by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from claims import queries
from claims.actions.customer.withdrawal import withdraw_claim
from claims.actions.orders import automatic_returns
from claims.models import ApprovalLimit, Claim, Event
from claims.queries.review import figures
from tests.makers import ANSWERS, make_claim, make_lease, make_order, newest_event
from tests.reviewing import approve, ask_for_evidence, reject

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
MIDNIGHT = NOON.replace(hour=0)


def filed(ann, at, **words) -> Claim:
    return make_claim(make_order(ann, purchased_at=at - timedelta(hours=1), **words), now=at)


def refund(claim, by, at):
    approve(claim_id=claim.pk, by=by, seen=newest_event(claim), answers=ANSWERS, note="", now=at)


def turn_down(claim, by, at):
    reject(
        claim_id=claim.pk, by=by, seen=newest_event(claim), answers=ANSWERS, note="No.",
        clause="server-side", now=at,
    )  # fmt: skip


def ask(claim, by, at):
    ask_for_evidence(claim_id=claim.pk, by=by, seen=newest_event(claim), note="Which?", now=at)


def count(now=NOON, today=MIDNIGHT):
    return figures.count_figures(now=now, today=today)


def hours(*amounts):
    return tuple(timedelta(hours=amount) for amount in amounts)


def test_a_desk_where_nothing_happened_has_no_medians(db):
    found = count()

    assert (found.waiting, found.oldest, found.people) == (0, None, [])
    assert found.to_answer == found.to_decision == figures.FigurePair(None, None)
    assert found.decided == figures.FigurePair(0, 0)


def test_what_waits_for_us_is_counted_from_the_oldest(ann, sue):
    oldest = filed(ann, NOON - timedelta(days=3))
    filed(ann, NOON - timedelta(days=1))
    ask(filed(ann, NOON - timedelta(days=4)), sue, NOON)

    found = count()

    assert (found.waiting, found.oldest) == (2, oldest.filed_at)


def test_the_median_of_the_first_answers_is_today_s_and_the_week_s(ann, sue):
    for wait in (1, 2, 6):
        ask(filed(ann, MIDNIGHT), sue, MIDNIGHT + timedelta(hours=wait))
    ask(filed(ann, MIDNIGHT - timedelta(days=6)), sue, MIDNIGHT - timedelta(days=5))

    found = count()

    assert (found.to_answer.today, found.to_answer.week) == hours(2, 4)


def test_only_the_first_answer_to_a_claim_counts(ann, sue):
    claim = filed(ann, MIDNIGHT - timedelta(days=8))
    ask(claim, sue, MIDNIGHT - timedelta(days=7))
    turn_down(claim, sue, MIDNIGHT + timedelta(hours=1))
    young = filed(ann, MIDNIGHT)
    ask(young, sue, MIDNIGHT + timedelta(hours=3))
    refund(young, sue, MIDNIGHT + timedelta(hours=9))

    found = count()

    assert (found.to_answer.today, found.to_answer.week) == hours(3, 3)


def test_what_no_person_did_is_no_answer_and_no_decision(ann, sue):
    claim = filed(ann, MIDNIGHT)
    automatic_returns.cancel_orders([claim.order], now=MIDNIGHT + timedelta(hours=1), by=None)
    withdraw_claim(claim_id=filed(ann, MIDNIGHT).pk, by=ann, now=MIDNIGHT + timedelta(hours=1))

    found = count()

    assert found.to_answer == found.to_decision == figures.FigurePair(None, None)
    assert found.decided == figures.FigurePair(0, 0)


def test_the_first_of_two_approvals_is_no_decision_yet(ann, sue, max_):
    ApprovalLimit.objects.create(currency="EUR", amount=1)
    claim = filed(ann, MIDNIGHT)
    refund(claim, sue, MIDNIGHT + timedelta(hours=1))
    assert count().decided.today == 0

    refund(claim, max_, MIDNIGHT + timedelta(hours=5))

    found = count()
    assert (found.to_decision.today, found.to_answer.today) == hours(5, 5)
    assert found.people == [figures.ReviewerFigures("Max", 1, 1)]


def test_decisions_are_counted_by_person_and_timed(ann, sue, max_):
    refund(filed(ann, MIDNIGHT), sue, MIDNIGHT + timedelta(hours=2))
    turn_down(filed(ann, MIDNIGHT), sue, MIDNIGHT + timedelta(hours=4))
    day = MIDNIGHT - timedelta(days=6)
    refund(filed(ann, day), max_, day + timedelta(hours=9))
    old = MIDNIGHT - timedelta(days=7)
    refund(filed(ann, old), max_, old + timedelta(hours=23))

    found = count()

    assert found.decided == figures.FigurePair(2, 3)
    assert found.people == [
        figures.ReviewerFigures("Sue", 2, 2),
        figures.ReviewerFigures("Max", 0, 1),
    ]
    assert (found.to_decision.today, found.to_decision.week) == hours(3, 4)


def test_today_begins_when_it_begins_for_the_reader(ann, sue):
    refund(filed(ann, MIDNIGHT - timedelta(hours=3)), sue, MIDNIGHT - timedelta(hours=1))

    assert count().decided == figures.FigurePair(0, 1)
    assert count(today=MIDNIGHT - timedelta(hours=2)).decided == figures.FigurePair(1, 1)


def test_figures_are_kept_for_a_minute_under_a_key_that_names_nobody(ann, sue, settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()
    keys = []
    keep = cache.set
    cache.set = lambda key, value, timeout: keys.append((key, timeout)) or keep(key, value, timeout)

    first = queries.service_figures(now=NOON, today=MIDNIGHT)
    filed(ann, NOON)
    with CaptureQueriesContext(connection) as asked:
        again = queries.service_figures(now=NOON, today=MIDNIGHT)

    assert again == first
    assert len(asked) == 0
    assert keys == [(f"desk-figures-1:{MIDNIGHT.timestamp():.0f}", 60)]
    assert queries.service_figures(now=NOON, today=MIDNIGHT - timedelta(hours=2)).waiting == 1


def test_figures_take_three_statements_however_much_happened(ann, sue):
    for hour in range(5):
        refund(filed(ann, MIDNIGHT), sue, MIDNIGHT + timedelta(hours=hour))

    with CaptureQueriesContext(connection) as asked:
        count()

    assert len(asked) == 3


@pytest.mark.parametrize("kind", [kind.value for kind in figures.ANSWERS])
def test_every_answer_is_one_that_the_customer_is_told(kind):
    assert kind not in Event.INTERNAL


def test_what_is_due_comes_first_due_first(ann, sue):
    late, soon = filed(ann, NOON - timedelta(days=2)), filed(ann, NOON)
    ask(filed(ann, NOON - timedelta(days=3)), sue, NOON)
    repair = make_claim(
        make_order(ann, sms=True, purchased_at=NOON - timedelta(days=6)),
        kind="major_defect",
        now=NOON - timedelta(days=5),
    )
    Claim.objects.filter(pk=repair.pk).update(status="repairing")

    assert queries.next_due(most=2) == [late, repair]
    assert queries.next_due(most=9) == [late, repair, soon]


def test_my_work_is_assigned_to_me_or_before_me(ann, sue, max_):
    mine, held, gone, other = (filed(ann, NOON + timedelta(minutes=n)) for n in range(4))
    Claim.objects.filter(pk=mine.pk).update(assignee=sue)
    make_lease(held, sue, now=NOON)
    make_lease(gone, sue, now=NOON - timedelta(hours=1))
    make_lease(other, max_, now=NOON)

    assert queries.work_of(sue, now=NOON, most=8) == [mine, held]
