"""The time of the queue's pages among a thousand claims and among a million, as a browser gets
them.
"""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from http import HTTPStatus
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import psycopg
import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from claims.admin.queue.queue_params import written
from claims.models import Claim, Number
from claims.queries.review.queue import PER_PAGE, QueuePlace
from tests.benchmarks.generating import generate
from tests.processes import serving

SMALL, SMALL_OPEN = 1_000, 400
LARGE, LARGE_OPEN = 1_000_000, 20_000
ROUNDS = 12
REPEATS = 3
"""In each round, of which the median counts; of the rounds, the best."""
MOST_GROWTH = 1.3
MOST_MS = 30
STOCK_TOO = "tests.benchmarks.stock_wsgi:application"
LOGIN = "/account/login/"
STOCK = "/stock/claims/claim/"
QUEUE = "/admin/claims/claim/"
FILTERS = {
    "kind": ("major_defect",),
    "status": ("submitted", "waiting_customer"),
    "service": ("whatsapp", "rarely"),
    "country": ("DE", "XK"),
    "supplier": ("north", "seldom"),
    "channel": ("web", "api"),
    "amount": ("1", "3"),
    "filed": ("7-days", "older-7-days"),
    "verdict": ("passing", "failing"),
    "evidence": ("pictures", "pictures-and-videos"),
    "assignee": ("nobody", "me"),
}
OF_CLOSED = {"status": ("refunded", "rejected"), "filed": ("30-days", "older-30-days")}

pytestmark = pytest.mark.benchmark


def test_the_queue_costs_among_a_million_claims_what_it_costs_among_a_thousand(
    real_commits, django_db_blocker, tmp_path
):
    with django_db_blocker.unblock(), a_copy_of(real_commits) as large, ExitStack() as stack:
        sizes = {
            real_commits: Measured(SMALL, SMALL_OPEN),
            large: Measured(LARGE, LARGE_OPEN),
        }
        for name, measured in sizes.items():
            with connected_to(name):
                measured.prepare()
                server = serving(STOCK_TOO, tmp_path, workers=1, threads=4, path=LOGIN)
                measured.url = stack.enter_context(server).url
        for _ in range(ROUNDS):
            for name, measured in sizes.items():
                with connected_to(name):
                    measured.measure()
        with connected_to(large):
            read_whole = sizes[large].read_whole()
        report(*sizes.values())
        assert read_whole == []
        assert too_slow(*sizes.values()) == []


class Measured:
    """One database, and the milliseconds that each view of its queue has taken."""

    def __init__(self, claims: int, open_ones: int) -> None:
        self.claims = claims
        self.open_ones = open_ones
        self.queries: Mapping[str, dict[str, str]] = {}
        self.took: dict[str, float] = {}
        self.rows: dict[str, int] = {}
        self.stock = float("inf")
        self.url = ""
        self.sue: User | None = None

    def prepare(self) -> None:
        began = time.monotonic()
        generate(self.claims, self.open_ones)
        print(f"\n{self.claims:,} claims made in {time.monotonic() - began:.0f} s")
        self.sue = User.objects.filter(is_staff=True).latest("pk")
        self.queries = ways_to_look()

    def client(self) -> Client:
        client = Client()
        assert self.sue
        client.force_login(self.sue)
        return client

    def measure(self) -> None:
        browser = Browser(self.url, self.client().cookies["sessionid"].value)
        for name, query in self.queries.items():
            took, html = browser.median_of(f"{QUEUE}?{urlencode(query)}")
            self.rows[name] = html.count('class="queue__claim"')
            self.took[name] = min(took, self.took.get(name, took))
        took, html = browser.median_of(STOCK)
        assert html.count('class="field-code') == PER_PAGE
        self.stock = min(self.stock, took)

    def read_whole(self) -> list[str]:
        """Return the queries that read the whole table of claims."""
        client = self.client()
        found: list[str] = []
        for name, query in self.queries.items():
            with CaptureQueriesContext(connection) as captured:
                client.get(QUEUE, query)
            statements = [each["sql"].strip() for each in captured]
            asked = [sql for sql in statements if sql.startswith("SELECT")]
            found += [f"{name}: {sql[:300]}" for sql in asked if reads_whole(sql)]
        return found


class Browser:
    """One open connection of a person who is signed in."""

    def __init__(self, url: str, session: str) -> None:
        self.connection = HTTPConnection(urlsplit(url).netloc, timeout=30)
        self.headers = {"Cookie": f"sessionid={session}"}

    def median_of(self, path: str) -> tuple[float, str]:
        """Return the milliseconds that a page takes, and the page."""
        self._get(path)
        took = []
        for _ in range(REPEATS):
            began = time.perf_counter()
            html = self._get(path)
            took.append((time.perf_counter() - began) * 1000)
        return statistics.median(took), html.decode()

    def _get(self, path: str) -> bytes:
        self.connection.request("GET", path, headers=self.headers)
        response = self.connection.getresponse()
        assert response.status == HTTPStatus.OK
        return response.read()


def reads_whole(sql: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + sql.replace("%", "%%"), [])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    return re.search(r"Seq Scan on claims_claim\b", plan) is not None


def ways_to_look() -> dict[str, dict[str, str]]:
    ways: dict[str, dict[str, str]] = {"first page": {}}
    for tab in ("mine", "unassigned", "remedy", "waiting", "closed"):
        ways[f"tab {tab}"] = {"tab": tab}
    for tab, filters in (("open", FILTERS), ("closed", FILTERS | OF_CLOSED)):
        for name, values in filters.items():
            for value in values:
                ways[f"{tab}, {name} {value}"] = {"tab": tab, name: value}
    return ways | deep_pages() | searches()


def deep_pages() -> dict[str, dict[str, str]]:
    """Return pages in the middle of the tab, forward and back."""
    now = timezone.now()
    due, closed = QueuePlace(now - timedelta(days=9), 1), QueuePlace(now - timedelta(days=500), 1)
    return {
        "open, a page in the middle": {"after": written(due)},
        "open, back from the middle": {"before": written(due)},
        "closed, a page in the middle": {"tab": "closed", "after": written(closed)},
    }


def searches() -> dict[str, dict[str, str]]:
    claim = Claim.objects.order_by("pk")[500]
    phone = Number.objects.get(order=claim.order).phone
    texts = {
        "code": claim.code.lower().replace("-", ""),
        "order id": claim.order.shop_id,
        "phone": f"00{phone[1:3]} {phone[3:6]} {phone[6:]}",
        "how a phone ends": phone[-8:],
        "email": claim.order.customer.email,
        "nothing": "nobody@nowhere.example",
        "how many ids begin": "ord-",
        "how many phones begin": "+4915",
        "how many emails begin": "customer",
    }
    return {f"search by {name}": {"q": text} for name, text in texts.items()}


def report(small: Measured, large: Measured) -> None:
    print(f"\n{'':44} {'rows':>9} {small.claims:>9,} {large.claims:>9,}  ratio")
    print(f"{'a stock list':54} {small.stock:9.1f} {large.stock:9.1f}")
    for name, took in small.took.items():
        rows = f"{small.rows[name]}/{large.rows[name]}"
        print(
            f"{name:44} {rows:>9} {took:9.1f} {large.took[name]:9.1f}"
            f"  {large.took[name] / took:5.2f}"
        )


def too_slow(small: Measured, large: Measured) -> list[str]:
    """Return the pages that grow or take too long. A page of fewer rows is no measure for a fuller
    one.
    """
    slow = [name for name, took in large.took.items() if took >= MOST_MS]
    grown = [
        name
        for name, took in small.took.items()
        if large.took[name] > took * MOST_GROWTH and small.rows[name] == large.rows[name]
    ]
    return [*(f"slow: {name}" for name in slow), *(f"grown: {name}" for name in grown)]


@contextmanager
def connected_to(name: str) -> Iterator[None]:
    before = connection.settings_dict["NAME"]
    connections.close_all()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = before


@contextmanager
def a_copy_of(name: str) -> Iterator[str]:
    copy = f"{name}_{uuid4().hex[:4]}"
    beside = beside_of(name)
    connections.close_all()
    beside(f'CREATE DATABASE "{copy}" TEMPLATE "{name}"')
    try:
        yield copy
    finally:
        connections.close_all()
        beside(f'DROP DATABASE "{copy}" WITH (FORCE)')


def beside_of(name: str) -> Callable[[str], None]:
    params = connection.get_connection_params()
    where = {key: params[key] for key in ("host", "port", "user", "password") if key in params}

    def run(statement: str) -> None:
        with psycopg.connect(**where, dbname="postgres", autocommit=True) as connected:
            connected.execute(statement.encode())

    return run
