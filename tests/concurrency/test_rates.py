"""Simultaneous requests in many processes: each is counted."""

from __future__ import annotations

import itertools
from datetime import datetime

from django.db import connection
from django.utils import timezone

from accounts import rates
from accounts.models import RequestCount
from accounts.tokens import MOST_TOKENS, live_tokens, make_token
from tests.concurrency.racing import errors, race

EACH = 10


def minute() -> datetime:
    """Return the minute on the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT date_trunc('minute', clock_timestamp())")
        now: datetime = cursor.fetchone()[0]
    return now


def test_no_request_is_lost(real_commits):
    for attempt in itertools.count(1):
        began = minute()

        def ask(key=f"api:{attempt}:read"):
            return [rates.seconds_to_wait(key, most=EACH) for _ in range(EACH)]

        answers = [answer for outcome in race(*[ask] * 8) for answer in outcome]
        # A new minute would start a new count.
        if minute() == began:
            break

    assert RequestCount.objects.latest("minute").count == 8 * EACH
    assert answers.count(0) == EACH


def test_without_the_one_statement_some_would_be_lost(real_commits):
    RequestCount.objects.create(key="naive", minute=timezone.now(), count=0)

    def ask():
        for _ in range(EACH):
            row = RequestCount.objects.get(key="naive")
            row.count += 1
            row.save()

    race(*[ask] * 8)

    assert RequestCount.objects.get().count < 8 * EACH


def test_the_most_tokens_hold_when_many_are_made_at_once(real_commits, ann):
    def make():
        return make_token(owner=ann, name="Bot", scopes=["orders:read"], now=timezone.now())

    outcomes = race(*[make] * (MOST_TOKENS + 4))

    assert live_tokens(ann).count() == MOST_TOKENS
    assert len(errors(outcomes)) == 4
