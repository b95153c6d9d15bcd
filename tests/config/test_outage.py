"""Pages and the API while the database is away, and when it is back."""

from __future__ import annotations

import json
import os
import signal
import urllib.error
import urllib.request
from email.message import Message
from pathlib import Path
from typing import NamedTuple

import pytest
from django.db import OperationalError

from config.outage import is_away
from tests.claims.test_worker import through
from tests.lines import line_to_database
from tests.processes import PATIENCE, wait_until, web

LOGIN = "/account/login/"
API = "/api/v1/orders"
# The server looks up the session in the database.
IN_A_SESSION = {"Cookie": f"sessionid={'a' * 32}"}


class Answer(NamedTuple):
    status: int
    headers: Message
    text: str


def ask(url: str, accept: str = "text/html") -> Answer:
    request = urllib.request.Request(url, headers={"Accept": accept, **IN_A_SESSION})  # our server
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return Answer(answer.status, answer.headers, answer.read().decode())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.headers, error.read().decode())


@pytest.fixture
def portal(real_commits, tmp_path: Path):
    with (
        line_to_database() as line,
        web(tmp_path, DATABASE_URL=through(line.port)) as server,
    ):
        yield server.url, line


@pytest.mark.parametrize("mood", ["cut", "silent"])
def test_pages_say_that_the_database_is_away_until_it_is_back(portal, mood):
    url, line = portal
    assert ask(url + LOGIN).status == 200
    line.become(mood)

    page = ask(url + LOGIN)

    assert (page.status, page.headers["Retry-After"]) == (503, "5")
    assert "Back in a moment" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    line.become("open")
    wait_until(lambda: ask(url + LOGIN).status == 200)


def test_the_api_says_it_as_a_problem(portal):
    url, line = portal
    line.become("cut")

    token = urllib.request.Request(url + API, headers={"Authorization": "Bearer esimpy_none"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(token, timeout=PATIENCE)
    assert refused.value.code == 503
    assert refused.value.headers["Content-Type"] == "application/problem+json"
    assert json.loads(refused.value.read())["status"] == 503


def test_other_clients_get_plain_text(portal):
    url, line = portal
    line.become("cut")

    answer = ask(url + LOGIN, accept="*/*")

    assert (answer.status, answer.headers["Content-Type"]) == (503, "text/plain; charset=utf-8")


def children_of(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_web_process_that_is_killed_is_replaced(real_commits, tmp_path):
    with web(tmp_path) as server:
        before = children_of(server.pid)

        for child in before:
            os.kill(child, signal.SIGKILL)

        wait_until(lambda: set(children_of(server.pid)) - set(before))
        wait_until(lambda: answers(server.url))


def answers(url: str) -> bool:
    try:
        return ask(url + LOGIN).status == 200
    except OSError:
        return False


def test_a_failure_of_a_query_is_no_outage(db):
    class Cancelled(Exception):
        sqlstate = "57014"

    failure = OperationalError("canceling statement due to statement timeout")
    failure.__cause__ = Cancelled()

    assert not is_away(failure)
    assert not is_away(ValueError())
    assert is_away(OperationalError("connection refused"))
