"""Processes that the warm parent forks are like processes that were started by hand."""

import json
import os
import signal
import subprocess
import sys
from decimal import Decimal

import pytest
from django.db import connection

from accounts.models import CreditAccount
from claims.jobs.queues import Queue
from claims.models import Order
from tests import databases
from tests.claims.actions.orders.reports import NUMBER, TOP_UP
from tests.processes import PATIENCE, environment, running, wait_until, web, worker

SETTINGS = """
import json
from django.conf import settings
print(json.dumps({name: str(getattr(settings, name)) for name in dir(settings) if name.isupper()}))
"""
CHANGES = {
    "BASE_URL": "http://localhost:4711",
    "EMAIL_URL": "smtp://127.0.0.1:2525",
    "CLAMD_URL": "tcp://127.0.0.1:3310",
    "OFFER_DAYS": "9",
}


def test_it_reads_the_settings_from_its_own_environment(db, tmp_path):
    script, log = tmp_path / "settings.py", tmp_path / "log"
    script.write_text(SETTINGS)
    with running([str(script)], tmp_path, log, **CHANGES) as process:
        assert process.wait(timeout=PATIENCE) == 0
    warm = json.loads(log.read_text().splitlines()[-1])

    cold = subprocess.run(
        [sys.executable, "-c", SETTINGS], env=environment(tmp_path, **CHANGES),
        capture_output=True, text=True, timeout=PATIENCE, check=True,
    )  # fmt: skip

    assert "MD5" in warm.pop("PASSWORD_HASHERS")
    expected = json.loads(cold.stdout)
    assert "PBKDF2" in expected.pop("PASSWORD_HASHERS")
    # The order of the items in a set differs from process to process.
    unordered = "CONTENT_SECURITY_POLICY"
    assert sorted(warm.pop(unordered)) == sorted(expected.pop(unordered))
    assert warm == expected


def test_it_connects_to_the_database_of_the_test(real_commits, tmp_path):
    script, log = tmp_path / "connect.py", tmp_path / "log"
    script.write_text(
        "from django.db import connection\n"
        "with connection.cursor() as cursor:\n"
        "    cursor.execute('SELECT current_database()')\n"
        "    print(cursor.fetchone()[0])\n"
    )
    with running([str(script)], tmp_path, log) as process:
        assert process.wait(timeout=PATIENCE) == 0

    assert log.read_text().splitlines()[-1] == real_commits


CONNECTED = """
SELECT DISTINCT usename FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
REGISTERED = "SELECT count(*) FROM procrastinate_workers"


def test_servers_and_workers_connect_as_the_portal_s_own_role(real_commits, tmp_path):
    """Their ordinary work needs no more rights: so do all tests that start them."""
    with worker(tmp_path), web(tmp_path), connection.cursor() as cursor:
        wait_until(lambda: cursor.execute(REGISTERED).fetchone() == (len(Queue),))
        cursor.execute(CONNECTED)
        assert cursor.fetchall() == [(databases.APP,)]


def test_an_import_of_orders_runs_as_the_portal_s_own_role(real_commits, tmp_path):
    """It makes a temporary table, charges, transfers and their balances."""
    file, log = tmp_path / "orders.jsonl", tmp_path / "log"
    file.write_text("".join(json.dumps(row) + "\n" for row in (TOP_UP, NUMBER)))
    with running(["manage.py", "importorders", str(file)], tmp_path, log) as process:
        assert process.wait(timeout=PATIENCE) == 0, log.read_text()

    assert Order.objects.count() == 2
    assert CreditAccount.objects.get(owner__isnull=False).balance == Decimal("17.50")


@pytest.mark.parametrize(
    ("work", "status"),
    [("raise SystemExit(3)", 3), ("1 / 0", 1), ("import os; os.kill(os.getpid(), 9)", -9)],
)
def test_how_it_ended_is_told(db, tmp_path, work, status):
    script = tmp_path / "work.py"
    script.write_text(work)
    with running([str(script)], tmp_path, tmp_path / "log") as process:
        assert process.wait(timeout=PATIENCE) == status


def test_it_is_stopped_at_the_end(db, tmp_path):
    script, log = tmp_path / "wait.py", tmp_path / "log"
    script.write_text("import time\nprint('here', flush=True)\ntime.sleep(600)")
    with running([str(script)], tmp_path, log) as process:
        wait_until(lambda: log.exists() and "here" in log.read_text())

    assert process.returncode == -signal.SIGTERM
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)
