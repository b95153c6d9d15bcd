"""One answer of a customer, sent many times at the same moment."""

from uuid import uuid4

import pytest
from django.db import IntegrityError
from django.utils import timezone

from claims.actions.customer import evidence
from claims.models import Claim, Event, Message
from tests.concurrency.racing import errors, race
from tests.makers import make_claim, make_order

TOGETHER = 8


def sending(claim, submission):
    def answer():
        return evidence.add_evidence(
            claim_id=claim.pk,
            by=claim.order.customer,
            uploads=[],
            message="It was Telegram X.",
            submission=submission,
            now=timezone.now(),
        )

    return answer


def answers() -> int:
    return Event.objects.filter(kind=Event.Kind.EVIDENCE_ADDED).count()


def test_one_answer_sent_many_times_is_one_answer(real_commits, ann):
    claim = make_claim(make_order(ann))

    outcomes = race(*[sending(claim, uuid4())] * TOGETHER)

    assert outcomes == [claim] * TOGETHER
    assert Message.objects.count() == answers() == 1


def test_two_answers_are_two(real_commits, ann):
    claim = make_claim(make_order(ann))

    race(*(sending(claim, uuid4()) for _ in range(2)))

    assert Message.objects.count() == answers() == 2


@pytest.fixture
def forgetful(monkeypatch):
    monkeypatch.setattr(evidence, "is_answered", lambda claim, submission: False)


def test_the_database_alone_keeps_one_answer_per_form(real_commits, forgetful, ann):
    claim = make_claim(make_order(ann))

    outcomes = race(*[sending(claim, uuid4())] * TOGETHER)

    assert len(errors(outcomes)) == TOGETHER - 1
    assert all(isinstance(error, IntegrityError) for error in errors(outcomes))
    assert Message.objects.count() == answers() == 1
    assert Claim.objects.count() == 1
