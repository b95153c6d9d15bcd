"""The health pages, and the checks behind them."""

import json
import socket
import threading

import httpx
import pytest
from django.core.cache import caches
from django.db import OperationalError, connection, connections
from django.test import Client

from claims.actions.core import heartbeats as beats
from claims.jobs import heartbeats
from claims.monitoring import health_views, probes, readiness
from claims.monitoring.readiness import Check, Readiness
from claims.queries.core.clock import database_now
from tests.processes import web


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch):
    """Answer no test with what an earlier one found."""
    monkeypatch.setattr(health_views, "READINESS", readiness.all_checks())
    monkeypatch.setattr(health_views, "_AGES", health_views.KeptAges())


def asked(page):
    answer = Client().get(page)
    return answer.status_code, json.loads(answer.content)


def lacking():
    """Return what `/health/ready` says of the checks that fail; it must be 503 if any does."""
    status, said = asked("/health/ready")
    found = {name: words for name, words in said["checks"].items() if words != "ok"}
    assert (status, said["ok"]) == ((503, False) if found else (200, True))
    return found


def test_live_asks_nothing_of_the_database():
    assert asked("/health/live") == (200, {"ok": True})


def test_ready_says_that_all_is_well(db):
    assert asked("/health/ready") == (
        200,
        {
            "ok": True,
            "checks": {"database": "ok", "migrations": "ok", "store": "ok", "cache": "ok"},
        },
    )


def test_a_migration_that_is_missing_is_not_ready(real_commits):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE name = '0016_monitoring'")

    assert lacking() == {"migrations": "1 migrations are not applied"}


def test_a_cache_that_fails_is_not_ready(real_commits):
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE portal_cache")

    assert lacking() == {"cache": "it fails (ProgrammingError)"}


def test_a_folder_that_is_gone_is_not_ready(db, settings, tmp_path):
    settings.STORAGES["evidence"]["OPTIONS"]["location"] = tmp_path / "gone" / "evidence"

    assert lacking() == {"store": "the folder can't be written"}


def test_a_bucket_that_does_not_answer_is_not_ready(db, settings):
    options = {
        "bucket_name": "nothing", "endpoint_url": "http://127.0.0.1:1", "access_key": "a-key",
        "secret_key": "a-secret", "region_name": "eu-1",
    }  # fmt: skip
    settings.STORAGES["evidence"] = {
        "BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options,
    }  # fmt: skip

    problem = lacking()["store"]

    assert problem in ("it fails (StoreUnavailable)", readiness.NO_ANSWER)


@pytest.fixture
def elsewhere(db, monkeypatch):
    """Return a function that moves the database, for new connections, to a port."""

    params = connection.get_connection_params()

    def move(port):
        there = params | {"host": "127.0.0.1", "port": port}
        monkeypatch.setattr(type(connections["default"]), "get_connection_params", lambda _: there)

    return move


def test_a_database_that_is_gone_is_not_ready(elsewhere):
    elsewhere(1)

    assert lacking() == dict.fromkeys(
        ["database", "migrations", "cache"], "it fails (OperationalError)"
    )


def test_a_database_that_does_not_answer_is_not_ready(elsewhere, monkeypatch):
    monkeypatch.setattr(readiness, "MOST_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        elsewhere(silent.getsockname()[1])

        assert lacking() == dict.fromkeys(["database", "migrations", "cache"], readiness.NO_ANSWER)


class CountingProbe:
    """A probe that counts its calls, and waits for `go_on` if it hangs."""

    def __init__(self):
        self.calls = 0
        self.go_on = threading.Event()
        self.go_on.set()

    def __call__(self):
        self.calls += 1
        self.go_on.wait()


def test_an_answer_counts_for_a_while():
    probe = CountingProbe()
    kept = Readiness(it=Check(probe, kept=1000.0))
    assert [kept.problems() for _ in range(3)] == [{"it": ""}] * 3
    assert probe.calls == 1

    anew = Readiness(it=Check(probe, kept=0.0))
    assert [anew.problems() for _ in range(3)] == [{"it": ""}] * 3
    assert probe.calls == 4


def test_a_probe_that_hangs_is_not_started_again_and_may_recover(monkeypatch):
    monkeypatch.setattr(readiness, "MOST_SECONDS", 0.05)
    hanging, other = CountingProbe(), CountingProbe()
    hanging.go_on.clear()
    checks = Readiness(it=Check(hanging, kept=0.0), other=Check(other, kept=0.0))

    assert [checks.problems() for _ in range(3)] == [{"it": readiness.NO_ANSWER, "other": ""}] * 3
    assert (hanging.calls, other.calls) == (1, 3)

    hanging.go_on.set()
    checks._checks["it"].done.wait()
    assert checks.problems() == {"it": "", "other": ""}


def test_a_problem_is_told_without_the_words_of_an_exception():
    def fail():
        raise RuntimeError("postgresql://me:secret@host")

    assert Readiness(it=Check(fail)).problems() == {"it": "it fails (RuntimeError)"}


def test_the_migrations_are_those_of_the_code(db):
    probes.probe_migrations()
    assert ("claims", "0016_monitoring") in probes.migrations_of_this_code()


def test_work_is_late_until_each_queue_has_a_heartbeat(db):
    status, said = asked("/health/work")
    assert (status, said["ok"]) == (503, False)
    assert said["late"] == [f"heartbeat {queue}" for queue in heartbeats.queues()]

    for queue in heartbeats.queues():
        beats.beat(queue=queue, now=database_now())
    health_views._AGES.__init__()
    status, said = asked("/health/work")
    assert (status, said["ok"], said["late"]) == (200, True, [])
    assert {"what": "heartbeat", "of": "time", "seconds": 0, "most": 90, "ok": True} in (
        said["ages"]
    )


def test_work_without_a_database_is_503(monkeypatch):
    def fail(**_):
        raise OperationalError("no password for me@secret")

    monkeypatch.setattr(health_views.work, "ages", fail)
    monkeypatch.setattr(health_views, "database_now", lambda: None)
    status, said = asked("/health/work")
    assert (status, said) == (503, {"ok": False, "late": ["database"], "ages": []})


@pytest.mark.parametrize("page", ["/health/live", "/health/ready", "/health/work"])
def test_a_balancer_asks_by_plain_http_and_by_the_machines_address(db, settings, page):
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["claims.example"]

    answer = Client().get(page, headers={"Host": "10.0.0.7:8000"})

    assert answer.status_code in (200, 503)
    assert answer["Cache-Control"] == "no-store"
    assert Client().post(page).status_code == 405
    assert Client().get("/policy/", headers={"Host": "10.0.0.7:8000"}).status_code == 400


def test_nothing_is_told_but_names_and_ages(db, settings, ann):
    caches["default"].get("something")
    text = "".join(
        Client().get(page).content.decode() for page in ("/health/ready", "/health/work")
    )

    for secret in (ann.email, settings.SECRET_KEY, str(connection.settings_dict["NAME"])):
        assert secret not in text


def test_a_real_server_is_live_and_ready(real_commits, tmp_path):
    with web(tmp_path) as server:
        assert httpx.get(f"{server.url}/health/live").json() == {"ok": True}
        assert httpx.get(f"{server.url}/health/ready").status_code == 200
        assert httpx.get(f"{server.url}/health/work").json()["late"] == [
            f"heartbeat {queue}" for queue in heartbeats.queues()
        ]
