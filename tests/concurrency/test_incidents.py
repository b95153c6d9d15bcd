"""Workers race on one incident and die in it: each claim is decided, paid and marked once."""

from __future__ import annotations

import itertools
import signal
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.checking import faults
from accounts.models import CreditAccount, CreditTransfer
from claims.actions.orders import return_movements, single_returns
from claims.actions.review import decisions, guards, incidents
from claims.models import Claim, Decision, Event, Incident, IncidentClaim
from tests.claims.actions.review.group_answers import answer, make_one
from tests.claims.test_jobs import data_dir, wait_for
from tests.claims.test_kills import take_up_again
from tests.concurrency.racing import errors, race
from tests.makers import make_lease, newest_event
from tests.processes import PATIENCE, running, worker

__all__ = ["data_dir"]

JOBS = ProcrastinateJob.objects.filter(task_name=incidents.WORK_OFF)


def make_incident(customer, by, *, claims=12):
    return answer(*(make_one(customer, price="1.50") for _ in range(claims)), by=by)


def worker_on(incident):
    def work():
        incidents.work_off(incident_id=incident.pk, clock=timezone.now)

    return work


def assert_each_once(incident, customer, *, claims=12):
    incident.refresh_from_db()
    assert incident.state == "done"
    assert set(incident.items.values_list("state", flat=True)) == {"approved"}
    assert Decision.objects.count() == claims
    assert CreditTransfer.objects.filter(kind="return").count() == claims
    assert Event.objects.filter(kind=Event.Kind.REFUNDED).count() == claims
    assert CreditAccount.objects.get(owner=customer).balance == claims * Decimal("1.50")


def test_workers_that_race_on_one_incident_decide_each_claim_once(ann, sue):
    incident = make_incident(ann, sue)

    outcomes = race(*[worker_on(incident)] * 4)

    assert errors(outcomes) == []
    assert_each_once(incident, ann)


def test_a_form_sent_twice_at_once_is_one_incident(ann, sue):
    claims, submission = [make_one(ann), make_one(ann)], uuid4()

    def send():
        return answer(*claims, by=sue, submission=submission)

    outcomes = race(*[send] * 6)

    assert errors(outcomes) == []
    assert Incident.objects.count() == 1
    assert JOBS.count() == 1


def test_two_answers_for_one_group_pay_each_claim_once(ann, sue, max_):
    claims = [make_one(ann, price="1.50") for _ in range(8)]
    both = [answer(*claims, by=sue), answer(*claims, by=max_)]

    outcomes = race(*(worker_on(incident) for incident in both))

    assert errors(outcomes) == []
    assert CreditTransfer.objects.filter(kind="return").count() == 8
    assert CreditAccount.objects.get(owner=ann).balance == 8 * Decimal("1.50")
    assert IncidentClaim.objects.filter(state="approved").count() == 8
    left = IncidentClaim.objects.filter(state="left")
    assert all("has decided this claim: refund" in item.why for item in left)
    assert left.count() == 8


def test_a_reviewer_at_the_page_and_the_incident_never_both_decide(ann, sue, max_):
    incident = make_incident(ann, sue, claims=6)
    claims = list(Claim.objects.all())
    seen = {claim.pk: newest_event(claim) for claim in claims}

    def at_the_page():
        for claim in claims:
            with suppress(ValidationError):  # closed, leased or moved on
                make_lease(claim, max_)
                decisions.reject(
                    claim_id=claim.pk, by=max_, seen=seen[claim.pk], answers={},
                    clause="server-side", note="No.", now=timezone.now(),
                )  # fmt: skip

    outcomes = race(worker_on(incident), at_the_page)

    assert errors(outcomes) == []
    assert Decision.objects.count() == 6
    refunds = Decision.objects.filter(outcome="refund").count()
    assert CreditTransfer.objects.filter(kind="return").count() == refunds
    assert incident.items.filter(state="approved").count() == refunds


# Killed


@pytest.mark.parametrize(
    ("point", "times", "done"),
    [
        ("after the price moved", 3, 2),
        ("after the mark", 3, 2),
        ("after the commit", 3, 3),
        ("before the end", 1, 5),
    ],
)
def test_killed_anywhere_an_incident_goes_on_where_it_was(point, times, done, ann, sue, data_dir):
    incident = make_incident(ann, sue, claims=5)
    arguments, log = ["-m", "tests.dying_incident", point, str(times)], data_dir / "killed.log"
    with running(arguments, data_dir, log) as process:
        status = process.wait(timeout=PATIENCE)
    assert status == -signal.SIGKILL, log.read_text()
    assert JOBS.get().status == "doing"
    assert incident.items.filter(state="approved").count() == done
    assert CreditTransfer.objects.filter(kind="return").count() == done

    take_up_again()
    with worker(data_dir):
        wait_for(lambda: Incident.objects.filter(pk=incident.pk, state="done").exists())

    assert_each_once(incident, ann, claims=5)
    assert list(faults()) == []


# Mutants: each guard taken away, the bad thing happens


@pytest.fixture
def without_item_lock(real_commits, monkeypatch):
    """Read the next item without a lock."""
    real = IncidentClaim.objects

    def read_next(incident_id):
        waiting = real.filter(incident=incident_id, state="waiting")
        return waiting.select_related("incident__by").order_by("pk").first()

    monkeypatch.setattr(incidents, "_lock_next", read_next)


@pytest.fixture
def without_triggers(real_commits):
    """Disable the database's own guards against a second mark."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE claims_incidentclaim DISABLE TRIGGER USER")


def test_without_the_items_lock_the_database_refuses_a_second_mark(without_item_lock, ann, sue):
    incident = make_incident(ann, sue, claims=20)

    outcomes = race(*[worker_on(incident)] * 4)

    assert any(isinstance(error, DatabaseError) for error in errors(outcomes))
    assert CreditTransfer.objects.filter(kind="return").count() == (
        incident.items.filter(state="approved").count()
    )


def test_without_the_items_lock_and_the_trigger_a_mark_is_lost(
    without_item_lock, without_triggers, ann, sue
):
    incident = make_incident(ann, sue, claims=20)

    race(*[worker_on(incident)] * 4)

    paid = CreditTransfer.objects.filter(kind="return").count()
    assert paid == 20
    assert incident.items.filter(state="approved").count() < paid


@pytest.fixture
def without_claim_lock(without_item_lock, without_triggers, monkeypatch):
    """Lock nothing, give each payment a key of its own, and drop the constraints."""
    serial = itertools.count()

    def read_claim(claim_id):
        fetched = Claim.objects.select_related("order__customer", "order__policy_version")
        return fetched.get(pk=claim_id)

    def unique(order, **words):
        made = return_movements.return_movement(order, **words)
        return replace(made, key=f"{made.key}:{next(serial)}")

    monkeypatch.setattr(guards, "lock_claim", read_claim)
    monkeypatch.setattr(single_returns, "return_movement", unique)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE claims_decision DROP CONSTRAINT one_decision_per_round")
        cursor.execute("DROP INDEX a_charge_goes_back_once")
        for table in ("claims_claim", "claims_order"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")


def test_without_any_lock_a_claim_is_paid_twice(without_claim_lock, ann, sue):
    incident = make_incident(ann, sue, claims=20)

    race(*[worker_on(incident)] * 4)

    assert CreditAccount.objects.get(owner=ann).balance > 20 * Decimal("1.50")


def test_with_the_mark_after_the_commit_a_crash_loses_it(ann, sue, monkeypatch):
    """The paid claim is then listed among those not approved."""
    incident = make_incident(ann, sue, claims=3)
    marks = []

    def outside(*, incident_id, now):
        item = IncidentClaim.objects.filter(incident=incident_id, state="waiting").first()
        if item is None:
            return None
        why = ""
        try:
            with transaction.atomic():
                incidents._approve(item, now=now)
        except ValidationError as error:
            why = error.messages[0]
        marks.append(item)
        if len(marks) == 2:
            raise SystemExit("killed")
        incidents._mark(item, why=why, now=now)
        return item

    monkeypatch.setattr(incidents, "work_on_next", outside)
    with pytest.raises(SystemExit):
        worker_on(incident)()
    worker_on(incident)()

    assert CreditTransfer.objects.filter(kind="return").count() == 3
    assert sorted(incident.items.values_list("state", flat=True)) == [
        "approved",
        "approved",
        "left",
    ]
