"""The cost of returns, decisions and events, against the least SQL that changes the same rows.

Both sides run one after the other, in one run, on rows of the same kind.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone
from psycopg.types.json import Jsonb

from accounts.models import CreditTransfer, User
from claims.actions.orders.automatic_returns import return_expired
from claims.actions.shop.inbound_events import receive_shop_events
from claims.models import Claim, Decision, Order, ShopEvent
from tests import reviewing
from tests.claims.actions.orders.reports import NUMBER, TOP_UP
from tests.claims.actions.shop.shop_messages import created, message
from tests.makers import ANSWERS, make_staff, make_user, newest_event
from tests.many import make_many_claims, make_many_orders

EXPIRED = 100_000
SWEPT_AT_ONCE = 500
EVENTS = 10_000
EVENTS_AT_ONCE = 500
DECISIONS = 320
REVIEWERS = (1, 4, 16)
LIMIT_OF_GROWTH = 40
"""MiB that a process may hold more after the work than after its first part."""

# Leave the orders of one half as a sweep does.
RETURN_ALL = """
INSERT INTO accounts_credittransfer (debit_id, credit_id, amount, currency, kind, key, made_at)
SELECT sale.credit_id, sale.debit_id, bought.price, bought.currency, 'return',
       format('order:%%s:return', bought.id), now()
  FROM claims_order AS bought
  JOIN accounts_credittransfer AS sale ON sale.key = format('order:%%s:purchase', bought.id)
 WHERE bought.shop_id LIKE 'BARE-%%'
"""
MARK_ALL = """
WITH marked AS (
    UPDATE claims_order AS bought
       SET activation = 'cancelled', returned_at = now(), return_transfer_id = back.id
      FROM accounts_credittransfer AS back
     WHERE back.key = format('order:%%s:return', bought.id) AND bought.shop_id LIKE 'BARE-%%'
 RETURNING bought.id, bought.price, bought.currency
)
INSERT INTO claims_event (kind, order_id, at, before, after, data)
SELECT 'returned', id, now(), '{}', '{}',
       jsonb_build_object('amount', price::text, 'currency', currency)
  FROM marked
"""
COLUMNS = ("event_id", "type", "at", "data", "shop_order_id", "customer_email", "customer_name",
           "state", "problem", "received_at", "settled_at")  # fmt: skip
INSERT_EVENTS = f"""
INSERT INTO claims_shopevent ({", ".join(COLUMNS)})
VALUES ({", ".join(["%s"] * len(COLUMNS))}) ON CONFLICT DO NOTHING
"""

pytestmark = pytest.mark.benchmark


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def resident() -> float:
    """Return the MiB that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


@pytest.fixture
def database(real_commits, django_db_blocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def sweep(growth: list[float]) -> None:
    while return_expired(now=timezone.now(), limit=SWEPT_AT_ONCE):
        growth.append(resident())


@transaction.atomic
def sweep_in_bare_sql() -> None:
    with connection.cursor() as cursor:
        cursor.execute(RETURN_ALL, [])
        cursor.execute(MARK_ALL, [])


def test_the_sweep_of_a_hundred_thousand(database):
    customers = [make_user(f"customer-{n}@example.com") for n in range(200)]
    now = timezone.now()
    for prefix in ("BARE", "SWEPT"):
        make_many_orders(customers, EXPIRED, now=now, prefix=prefix, activation="waiting")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")

    bare = timed(sweep_in_bare_sql)
    growth: list[float] = []
    swept = timed(partial(sweep, growth))

    assert CreditTransfer.objects.filter(kind="return").count() == 2 * EXPIRED
    assert not Order.objects.filter(product="number", returned_at=None).exists()
    more = max(growth) - growth[0]
    print(
        f"\nsweep of {EXPIRED:,}: bare {EXPIRED / bare:,.0f}/s, ours {EXPIRED / swept:,.0f}/s,"
        f" ratio {bare / swept:.2f}, memory {more:.1f} MiB more"
    )
    assert more < LIMIT_OF_GROWTH


def receive_all(customer: int, growth: list[float]) -> None:
    """Send one customer's events: half are orders, half are their SMS."""
    email = {"customer_email": f"customer-{customer}@example.com"}
    receive_shop_events(
        messages=[created(f"{customer}-top-up", TOP_UP | email, order_id=f"T-{customer}",
                          price="99999.00")],
        now=timezone.now(),
    )  # fmt: skip
    for start in range(0, EVENTS // 2, EVENTS_AT_ONCE // 2):
        ids = [f"N-{customer}-{n}" for n in range(start, start + EVENTS_AT_ONCE // 2)]
        receive_shop_events(
            messages=[
                *(created(f"created-{name}", NUMBER | email, order_id=name) for name in ids),
                *(message(f"sms-{name}", "sms.received", 5, order_id=name) for name in ids),
            ],
            now=timezone.now(),
        )
        growth.append(resident())


def insert_bare(rows: list[tuple[Any, ...]]) -> None:
    for start in range(0, len(rows), EVENTS_AT_ONCE):
        with connection.cursor() as cursor:
            cursor.executemany(INSERT_EVENTS, rows[start : start + EVENTS_AT_ONCE])


def bare_rows(customer: int) -> list[tuple[Any, ...]]:
    """Return the rows that this customer's events have become, under other ids."""
    kept = ShopEvent.objects.filter(event_id__regex=rf"^(created|sms)-N-{customer}-")
    return [
        (f"bare-{event_id}", kind, at, Jsonb(data), *others)
        for event_id, kind, at, data, *others in kept.values_list(*COLUMNS)
    ]


def test_events_against_bare_inserts(database):
    ratios = []
    growth: list[float] = []
    for customer in range(3):
        ours = timed(partial(receive_all, customer, growth))
        bare = timed(partial(insert_bare, bare_rows(customer)))
        ratios.append((bare / ours, EVENTS / ours, EVENTS / bare))
    assert Order.objects.filter(sms_received_at__isnull=False).count() == 3 * EVENTS // 2
    ratio, ours_a_second, bare_a_second = max(ratios)
    more = max(growth) - growth[0]
    print(
        f"\nevents: bare {bare_a_second:,.0f}/s, ours {ours_a_second:,.0f}/s, ratio {ratio:.3f},"
        f" memory {more:.1f} MiB more"
    )
    assert more < LIMIT_OF_GROWTH


def decide(email: str, claim_ids: list[int]) -> float:
    """Approve these in a process of its own; return its growth in memory since the first."""
    connections.close_all()
    by, held = User.objects.get(email=email), []
    for claim in Claim.objects.filter(pk__in=claim_ids):
        reviewing.approve(
            claim_id=claim.pk, by=by, seen=newest_event(claim), answers=ANSWERS, note="",
            now=timezone.now(),
        )  # fmt: skip
        held.append(resident())
    connections.close_all()
    return max(held) - held[0]


def test_decisions_with_one_four_and_sixteen_connections(database):
    customers = [make_user(f"customer-{n}@example.com") for n in range(50)]
    people = [make_staff(f"reviewer-{n}@example.com", "Support") for n in range(max(REVIEWERS))]
    claims = make_many_claims(customers, DECISIONS * len(REVIEWERS), now=timezone.now())
    fork = multiprocessing.get_context("fork")
    rates, more = {}, 0.0
    for turn, count in enumerate(REVIEWERS):
        share = [claim.pk for claim in claims[turn * DECISIONS : (turn + 1) * DECISIONS]]
        connections.close_all()
        with ProcessPoolExecutor(count, mp_context=fork) as pool:
            parts = [share[n::count] for n in range(count)]
            work = partial(pool.map, decide, [one.email for one in people[:count]], parts)
            began = time.perf_counter()
            more = max(more, *work(), 0.0)
            rates[count] = DECISIONS / (time.perf_counter() - began)
    assert Decision.objects.count() == DECISIONS * len(REVIEWERS)
    told = ", ".join(
        f"{count} connections {rate:.0f}/s ({rate / rates[1]:.2f})" for count, rate in rates.items()
    )
    print(f"\ndecisions: {told}; memory {more:.1f} MiB more")
    assert more < LIMIT_OF_GROWTH


def test_the_bare_statements_leave_the_same_rows(database):
    now = timezone.now() - timedelta(minutes=1)
    people = [make_user("ann@example.com")]
    for prefix in ("BARE", "SWEPT"):
        make_many_orders(people, 3, now=now, prefix=prefix, activation="waiting")
    sweep_in_bare_sql()
    sweep([])

    def left(prefix: str) -> list[tuple[object, ...]]:
        orders = Order.objects.filter(shop_id__startswith=prefix).order_by("pk")
        return list(
            orders.values_list(
                "activation", "return_transfer__amount", "return_transfer__debit",
                "return_transfer__credit", "events__kind", "events__data",
            )
        )  # fmt: skip

    assert left("BARE") == left("SWEPT")
