"""One look, requested many times at the same moment."""

import threading
import time

import pytest
from django.utils import timezone

from claims.actions.uploads import view_log
from claims.models import Event, Evidence
from tests.concurrency.racing import errors, race
from tests.makers import make_claim, make_order
from tests.processes import PATIENCE

TIMES = 6


@pytest.fixture
def upload(ann):
    claim = make_claim(make_order(ann, sms=True), kind="invalid_number", proofs=("screenshot",))
    return claim.evidence.get().upload


def look_often(upload, sue):
    now = timezone.now()

    def look():
        return view_log.record_look(upload=upload, role="picture", by=sue, now=now)

    return race(*[look] * TIMES)


def looks():
    return Event.objects.filter(kind=Event.Kind.EVIDENCE_SEEN).count()


def test_a_look_that_comes_many_times_at_once_is_one(upload, sue):
    outcomes = look_often(upload, sue)

    assert errors(outcomes) == []
    assert len([event for event in outcomes if event]) == looks() == 1


@pytest.fixture
def slow(monkeypatch):
    """Let everybody query before anybody inserts, unless a lock makes them wait."""
    ask = view_log._has_looked

    def asked(*args, **words):
        found = ask(*args, **words)
        time.sleep(0.2)
        return found

    monkeypatch.setattr(view_log, "_has_looked", asked)


@pytest.fixture
def together(monkeypatch):
    """Let nobody insert before everybody has queried; under a lock, that wait would never end."""
    ask, everybody = view_log._has_looked, threading.Barrier(TIMES)

    def asked(*args, **words):
        found = ask(*args, **words)
        everybody.wait(timeout=PATIENCE)
        return found

    monkeypatch.setattr(view_log, "_has_looked", asked)


def test_it_is_one_for_slow_machines_too(upload, sue, slow):
    assert errors(look_often(upload, sue)) == []
    assert looks() == 1


def test_without_the_lock_it_is_counted_more_than_once(upload, sue, together, monkeypatch):
    def unlocked(self, **words):
        return self.all()

    monkeypatch.setattr(type(Evidence.objects), "select_for_update", unlocked)

    assert errors(look_often(upload, sue)) == []
    assert looks() > 1
