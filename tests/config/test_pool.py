"""A web process's connections between requests."""

import threading
from contextlib import ExitStack

import httpx
import pytest
from django.db import connection

from tests.processes import wait_until, web

PAGE = "/account/login/"
KEPT = """
SELECT pid FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY pid
"""


@pytest.fixture
def asked(real_commits, tmp_path, monkeypatch):
    """Return a browser at a web server that keeps as many connections as a test sets."""
    with ExitStack() as stack:

        def start(connections):
            monkeypatch.setenv("WEB_CONNECTIONS", connections)
            server = stack.enter_context(web(tmp_path))
            return stack.enter_context(httpx.Client(base_url=server.url))

        yield start


def kept():
    with connection.cursor() as cursor:
        cursor.execute(KEPT)
        return [pid for (pid,) in cursor.fetchall()]


def page(browser):
    """Request a page with a session, which the server looks up in the database."""
    return browser.get(PAGE, headers={"Cookie": f"sessionid={'a' * 32}"}).status_code


def test_connections_stay_between_requests(asked):
    browser = asked("4")
    assert page(browser) == 200
    before = kept()
    assert before
    assert [page(browser) for _ in range(5)] == [200] * 5
    assert set(before) <= set(kept())


def test_one_that_the_database_has_closed_is_not_used_again(asked):
    browser = asked("4")
    page(browser)
    with connection.cursor() as cursor:
        for pid in kept():
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    assert page(browser) == 200


def test_more_requests_than_connections_wait_for_each_other(asked):
    browser = asked("1")
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(page(browser))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 12
    assert len(kept()) == 1


def test_none_are_kept_when_something_else_keeps_them(asked):
    browser = asked("0")
    assert page(browser) == 200
    wait_until(lambda: kept() == [])
