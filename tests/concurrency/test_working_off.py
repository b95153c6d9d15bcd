"""Twenty reviewers, each a process, work a queue of two thousand claims off to its end.

Each presses *Next claim*, decides, and presses again; every tenth decision is pressed twice at the
same moment, as a double click or a second window does. Tests without one guard each show that the
guards keep order.
"""

from __future__ import annotations

import multiprocessing
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures import ThreadPoolExecutor as Threads
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.db.models import QuerySet
from django.utils import timezone

from accounts import checking
from accounts.models import CreditAccount, CreditTransfer, User
from claims.actions.review import decisions, guards, leases
from claims.models import Claim, Decision, Event, Lease
from tests.makers import ANSWERS, make_staff, make_user
from tests.many import PRICE, make_many_claims
from tests.sampling import load

REVIEWERS = 20
CLAIMS = 2_000
REJECTED = 5  # every fifth
TWICE = 10  # every tenth


@dataclass
class Shift:
    """The results of one reviewer: the time of each decision, and every refusal and error."""

    seconds: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)


def nothing() -> None:
    """Keep all guards."""


def without_lease() -> None:
    """Give each reviewer every claim that they ask for, and check no lease at the decision."""
    setattr(leases, "_hold", lambda *args, **words: True)  # noqa: B010  # as monkeypatch does
    setattr(guards, "refuse_without_lease", lambda *args, **words: None)  # noqa: B010


def without_lock() -> None:
    """Read all rows without locking them."""
    setattr(QuerySet, "select_for_update", lambda self, *args, **words: self)  # noqa: B010


def work(email: str, take_away: Callable[[], None]) -> Shift:
    """Work one reviewer's shift, in a process of its own."""
    connections.close_all()
    take_away()
    by, shift = User.objects.get(email=email), Shift()
    while claim := leases.take_next(by=by, now=timezone.now()):
        press = partial(decide, claim, by, claim.events.latest("pk").pk, shift)
        if claim.pk % TWICE:
            press()
        else:
            with Threads(2) as pool:
                list(pool.map(in_a_thread, [press, press]))
    connections.close_all()
    return shift


def in_a_thread(press: Callable[[], None]) -> None:
    try:
        press()
    finally:
        connection.close()


def decide(claim: Claim, by: User, seen: int, shift: Shift) -> None:
    words: dict[str, Any] = {"claim_id": claim.pk, "by": by, "seen": seen, "answers": ANSWERS}
    began = time.perf_counter()
    try:
        if claim.pk % REJECTED:
            decisions.approve(**words, note="", now=timezone.now())
        else:
            decisions.reject(**words, clause="server-side", note="It was sent.", now=timezone.now())
        shift.seconds.append(time.perf_counter() - began)
    except ValidationError as error:
        shift.refused[str(error.code)] += 1
    except Exception as error:  # noqa: BLE001  # the caller looks at each
        shift.broken.append(repr(error))


def work_off(people: Sequence[User], take_away: Callable[[], None]) -> list[Shift]:
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(len(people), mp_context=fork) as pool:
        emails = [person.email for person in people]
        return list(pool.map(work, emails, [take_away] * len(people)))


@pytest.fixture
def people(real_commits):
    return [make_staff(f"reviewer-{n}@example.com", "Support") for n in range(REVIEWERS)]


@pytest.fixture
def customers(real_commits):
    return [make_user(f"customer-{n}@example.com") for n in range(50)]


@pytest.mark.sampled
def test_twenty_reviewers_decide_two_thousand_claims_once_each(people, customers):
    count = load(CLAIMS)
    claims = make_many_claims(customers, count, now=timezone.now())
    twice = sum(claim.pk % TWICE == 0 for claim in claims)
    rejected = sum(claim.pk % REJECTED == 0 for claim in claims)

    shifts = work_off(people, nothing)

    took = sorted(seconds for shift in shifts for seconds in shift.seconds)
    print(
        f"\n{len(took)} decisions by {REVIEWERS} processes: median {statistics.median(took):.3f} s,"
        f" p99 {took[int(len(took) * 0.99)]:.3f} s"
    )
    assert [error for shift in shifts for error in shift.broken] == []
    assert sum((shift.refused for shift in shifts), Counter()) == {"closed": twice}
    assert len(took) == Decision.objects.count() == count
    assert Decision.objects.values("claim").distinct().count() == count
    assert Decision.objects.filter(outcome="rejection").count() == rejected
    assert not Claim.objects.filter(closed_at=None).exists()
    assert not Lease.objects.exists()
    paid = CreditTransfer.objects.filter(kind="return")
    assert paid.count() == Event.objects.filter(kind="refunded").count() == count - rejected
    balances = CreditAccount.objects.filter(kind="customer").values_list("balance", flat=True)
    assert sum(balances) == (count - rejected) * PRICE
    assert list(checking.faults()) == []
    assert all(shift.seconds for shift in shifts)


@pytest.mark.sampled(share=1 / 2)
@pytest.mark.parametrize("take_away", [without_lease, without_lock])
def test_without_the_lease_or_the_lock_reviewers_meet(take_away, people, customers):
    claims = make_many_claims(customers, 200, now=timezone.now())
    twice = sum(claim.pk % TWICE == 0 for claim in claims)

    shifts = work_off(people[:8], take_away)

    refused = sum((shift.refused for shift in shifts), Counter())
    broken = [error for shift in shifts for error in shift.broken]
    assert broken or refused != {"closed": twice}
    # The database enforces the essential rules even then.
    assert Decision.objects.values("claim").distinct().count() == Decision.objects.count()
    assert list(checking.faults()) == []
