"""Requests at the same moment, in many processes: each is counted."""

from __future__ import annotations

from datetime import UTC, datetime
from time import sleep

import pytest
from django.utils import timezone

from accounts import rates
from accounts.models import RequestCount
from accounts.tokens import MOST_TOKENS, live_tokens, make_token
from tests.concurrency.racing import errors, race

EACH = 10


@pytest.fixture
def in_one_minute() -> None:
    """Not where the next minute begins meanwhile."""
    if datetime.now(UTC).second > 45:
        sleep(16)


def test_no_request_is_lost(real_commits, in_one_minute):
    def ask():
        return [rates.seconds_to_wait("api:1:read", most=EACH) for _ in range(EACH)]

    answers = [answer for outcome in race(*[ask] * 8) for answer in outcome]

    assert RequestCount.objects.get().count == 8 * EACH
    assert answers.count(0) == EACH


def test_without_the_one_statement_some_would_be_lost(real_commits, in_one_minute):
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
