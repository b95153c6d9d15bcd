"""The page of metrics: who may read it, and what it tells."""

import errno
import os
import re
import subprocess
import sys
from contextlib import ExitStack

import httpx
import pytest
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django import app
from prometheus_client.parser import text_string_to_metric_families

from claims.actions.orders import automatic_returns
from claims.models import JobCount
from claims.monitoring import counting, figures, slots
from claims.queries.core.clock import database_now
from tests.makers import make_claim, make_order
from tests.processes import wait_until, web, worker

TOKEN = "a-token-that-is-long-enough-for-anybody"


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch):
    monkeypatch.setattr(figures, "KEPT_TOTALS", figures.KeptTotals(figures._totals))


def samples(text):
    """Return the value of each sample by its name and the values of its labels."""
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def read(client=None):
    answer = (client or Client()).get("/metrics")
    assert answer.status_code == 200
    return samples(answer.content.decode())


# Who may read it.


def status(remote="127.0.0.1", **headers):
    return Client(REMOTE_ADDR=remote).get("/metrics", headers=headers).status_code


@pytest.mark.parametrize("remote", ["127.0.0.1", "127.9.9.9", "::1"])
def test_this_machine_may_read_it(db, remote):
    assert status(remote) == 200


@pytest.mark.parametrize("remote", ["10.0.0.7", "198.51.100.7", "", "localhost"])
def test_nobody_else_may(db, remote):
    assert status(remote) == 401


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "X-Real-IP", "Via"]
)
def test_what_a_proxy_passes_on_is_not_of_this_machine(db, header):
    assert status(**{header: "127.0.0.1"}) == 401


def test_behind_a_proxy_nothing_is_of_this_machine(db, settings):
    settings.BEHIND_PROXY = True
    assert status() == 401


def test_whoever_has_the_token_may_read_it_from_anywhere(db, settings):
    settings.METRICS_TOKEN, settings.BEHIND_PROXY = TOKEN, True
    assert status("10.0.0.7", Authorization=f"Bearer {TOKEN}") == 200


@pytest.mark.parametrize("given", ["Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", TOKEN])
def test_a_wrong_token_is_refused(db, settings, given):
    settings.METRICS_TOKEN = TOKEN
    assert status("10.0.0.7", Authorization=given) == 401


@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer"])
def test_no_token_is_not_an_empty_one(db, given):
    assert status("10.0.0.7", Authorization=given) == 401


# What it tells.


def test_requests_are_counted_by_view_method_and_status_with_their_time(ann):
    before = read()
    Client().get("/policy/")
    Client().get("/no-such-page/ann@example.com")
    client = Client()
    client.force_login(ann)
    client.get(reverse("admin:login"))
    after = read()

    def more(*key):
        return after.get(key, 0) - before.get(key, 0)

    assert more("claims_requests_total", "GET", "200", "portal:policy") >= 1
    assert more("claims_requests_total", "GET", "404", "unnamed") >= 1
    assert more("claims_requests_total", "GET", "403", "admin:login") >= 1
    # Tests that run at the same time count together.
    assert more("claims_request_seconds_count", "portal:policy") >= 1
    assert more("claims_request_seconds_bucket", "+Inf", "portal:policy") >= 1
    assert not any("health" in name or "metrics" in name for _, *labels in after for name in labels)


def test_an_unknown_method_is_no_label_of_its_own(db):
    Client().generic("EVIL", "/policy/")
    assert {labels[0] for name, *labels in read() if name == "claims_requests_total"} <= (
        counting.METHODS | {"other"}
    )


def test_limits_that_are_hit_are_counted(rf, db):
    before = read().get(("claims_limits_hit_total", "unnamed"), 0)
    request = rf.get("/")
    request.resolver_match = None
    counting.count_request(request, type("Answer", (), {"status_code": 429})(), 0.1)

    assert read()["claims_limits_hit_total", "unnamed"] == before + 1


def test_claims_mails_webhooks_and_returned_credit_are_counted(ann, shop):
    make_order(ann, activation="waiting", price="2.50")
    make_order(ann, activation="waiting", price="1.75")
    automatic_returns.return_expired(now=database_now(), limit=10)
    make_claim(make_order(ann))

    told = read()

    assert told["claims_claims", "submitted"] == 1
    assert told["claims_claims", "refunded"] == 0
    assert told["claims_credit_returned_total", "EUR", "return"] == 4.25
    assert told["claims_returns_total", "EUR", "return"] == 2
    assert told["claims_webhooks", "waiting"] > 0
    assert told["claims_mails", "waiting"] >= 1
    assert told["claims_jobs_kept", "mail", "todo"] >= 1
    assert told["claims_age_seconds", "mail", "waiting"] >= 0
    assert told["claims_age_limit_seconds", "mail", "waiting"] == 900
    assert told["claims_late", "time", "heartbeat"] == 1
    assert told["claims_database_up",] == 1
    assert told["claims_ready", "database"] in (0, 1)


def test_sums_over_whole_tables_are_worked_out_once_a_minute():
    calls = []
    kept = figures.KeptTotals(lambda: calls.append(1) or [])
    kept.newest()
    kept.newest()
    assert calls == [1]


def test_nobody_is_named(ann, settings, shop):
    claim = make_claim(make_order(ann))
    text = Client().get("/metrics").content.decode()
    for secret in (ann.email, claim.code, claim.order.shop_id, settings.SECRET_KEY):
        assert secret not in text


def test_without_the_database_the_counts_of_requests_stay(monkeypatch):
    def fail():
        raise figures.DatabaseError("me@secret")

    monkeypatch.setattr(figures, "database_now", fail)
    told = read()

    assert told["claims_database_up",] == 0
    assert any(name == "claims_requests_total" for name, *_ in told)


# Jobs.


def test_a_worker_counts_its_jobs_by_outcome_and_time(real_commits, tmp_path):
    app.configure_task("claims.beat", queue="inspection").defer(timestamp=1)
    app.configure_task("claims.beat").defer(timestamp=1, unknown=True)
    app.configure_task("claims.look_for_repeats").defer(claim_id=-1)
    kinds = {
        ("claims.beat", "inspection", "succeeded"),
        ("claims.beat", "time", "failed"),
        ("claims.look_for_repeats", "review", "retried"),
    }

    with worker(tmp_path):
        wait_until(lambda: kinds <= set(JobCount.objects.values_list("task", "queue", "outcome")))

    told = read()
    assert told["claims_jobs_total", "failed", "time", "claims.beat"] == 1
    assert told["claims_job_seconds_count", "review", "claims.look_for_repeats"] >= 1
    assert told["claims_job_seconds_bucket", "300.0", "inspection", "claims.beat"] >= 1


# Several processes.


def test_the_processes_of_a_server_count_together_and_on_after_a_restart(real_commits, tmp_path):
    for served in (20, 40):
        with web(tmp_path, workers=2) as server:
            for _ in range(20):
                with httpx.Client(base_url=server.url) as browser:
                    assert browser.get("/policy/").status_code == 200
            page = httpx.get(f"{server.url}/metrics").text
            assert samples(page)["claims_requests_total", "GET", "200", "portal:policy"] == served
    (folder,) = (tmp_path / "metrics").iterdir()
    assert len(list(folder.glob("counter_*.db"))) <= 2


HOLD = """
import sys, pathlib
from claims.monitoring.slots import take_slot
print(take_slot(pathlib.Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def hold_slot(tmp_path, project_root):
    """Return a function that starts a process, and returns it with the slot that it took."""
    with ExitStack() as stack:

        def start():
            process = subprocess.Popen(
                [sys.executable, "-c", HOLD, str(tmp_path)], cwd=project_root,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )  # fmt: skip
            stack.enter_context(process)
            stack.callback(process.kill)
            return process, int(process.stdout.readline())

        yield start


def test_each_living_process_has_its_own_slot_and_a_dead_ones_is_taken_again(hold_slot, tmp_path):
    first, its_slot = hold_slot()
    assert (its_slot, hold_slot()[1]) == (1, 2)
    first.kill()
    first.wait()

    slots.forget_gauges_of_the_dead(tmp_path)
    assert sorted(path.name for path in tmp_path.glob("gauge*")) == ["gauge_sum_2.db"]
    assert (tmp_path / "counter_1.db").exists()
    assert hold_slot()[1] == 1


def test_without_the_lock_two_processes_would_share_a_slot(tmp_path, monkeypatch):
    monkeypatch.setattr(slots.fcntl, "flock", lambda *_: None)
    assert [slots.take_slot(tmp_path) for _ in range(2)] == [1, 1]


def test_a_full_disk_keeps_nobody_from_a_page(db, monkeypatch, settings, tmp_path):
    def fail(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(slots.os, "posix_fallocate", fail)
    monkeypatch.setattr(counting, "_slots", {})
    settings.METRICS_DIR = tmp_path / "metrics"

    assert [Client().get("/policy/").status_code for _ in range(2)] == [200, 200]
    assert counting._slots == {os.getpid(): ""}


def test_files_have_their_room_before_they_are_mapped(tmp_path):
    slots.take_slot(tmp_path)
    for kind in (*slots.COUNTERS, slots.GAUGES):
        found = (tmp_path / f"{kind}_1.db").stat()
        assert found.st_blocks * 512 >= slots.RESERVED_BYTES
        assert re.fullmatch(r"0o100600", oct(found.st_mode))
