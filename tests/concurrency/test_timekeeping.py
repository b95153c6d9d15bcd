"""Sweeps for deadlines, side by side, and against people's actions at the same moment."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from claims import queries
from claims.actions.customer import evidence
from claims.actions.review import deadlines
from claims.models import Claim, Decision, Event
from tests.concurrency.racing import errors, race
from tests.makers import make_claim, make_order, newest_event
from tests.processes import PATIENCE
from tests.reviewing import ask_for_evidence

SWEEPS = 6


@pytest.fixture
def asked(real_commits, ann, sue) -> Claim:
    claim = make_claim(make_order(ann))
    ask_for_evidence(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), note="Show it.", now=timezone.now()
    )
    return claim


def sweeping(act, claim, *, days):
    now = timezone.now() + timedelta(days=days)
    return lambda: act(claim_id=claim.pk, now=now)


def events_of(claim, kind):
    return Event.objects.filter(claim=claim, kind=kind).count()


def test_sweeps_side_by_side_remind_once(asked):
    outcomes = race(*[sweeping(deadlines.remind, asked, days=3)] * SWEEPS)

    assert sorted(outcomes) == [False] * (SWEEPS - 1) + [True]
    assert events_of(asked, Event.Kind.REMINDED) == 1


def test_sweeps_side_by_side_end_a_claim_once(asked):
    sweeping(deadlines.remind, asked, days=2)()
    outcomes = race(*[sweeping(deadlines.give_up, asked, days=8)] * SWEEPS)

    assert sorted(outcomes) == [False] * (SWEEPS - 1) + [True]
    assert Decision.objects.filter(claim=asked).count() == 1
    assert events_of(asked, Event.Kind.REJECTED) == 1


def test_without_the_lock_sweeps_remind_more_than_once(asked, monkeypatch):
    def unlocked(claim_id):
        claim = Claim.objects.select_related("order").get(pk=claim_id)
        assert queries.to_be_reminded(now=timezone.now() + timedelta(days=3)).exists()
        together.wait(timeout=PATIENCE)
        return claim

    together = threading.Barrier(2)
    monkeypatch.setattr(deadlines, "lock_claim_if_free", unlocked)

    race(*[sweeping(deadlines.remind, asked, days=3)] * 2)

    assert events_of(asked, Event.Kind.REMINDED) == 2


@pytest.mark.parametrize("attempt", range(5))
def test_an_answer_and_the_end_of_waiting_exclude_each_other(attempt, asked):
    def answering():
        return evidence.add_evidence(
            claim_id=asked.pk, by=asked.order.customer, uploads=[], message="Here it is.",
            submission=uuid4(), now=timezone.now(),
        )  # fmt: skip

    sweeping(deadlines.remind, asked, days=2)()
    answered, ended = race(answering, sweeping(deadlines.give_up, asked, days=8))

    asked.refresh_from_db()
    if ended is True:
        assert isinstance(answered, ValidationError)
        assert asked.status == "rejected"
    else:
        assert errors([answered, ended]) == []
        assert asked.status == "submitted"
        assert not Decision.objects.exists()
