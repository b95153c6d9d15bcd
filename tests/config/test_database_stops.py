"""PostgreSQL stops at once, in the middle of the work: nothing is lost or done twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings as project

from config.environment.databases import EMBEDDED_OWNER
from tests.processes import PATIENCE, wait_until
from tests.sampling import load

ORDERS, STOPS = load(120, share=1 / 2), load(4, share=1 / 2)
START = """
import sys
from pathlib import Path
from config.embedded_postgres import server
running = server.start(Path(sys.argv[1]))
print(running.host, running.port, flush=True)
sys.stdin.readline()
"""
pytestmark = [pytest.mark.xdist_group("embedded postgres"), pytest.mark.sampled]


@pytest.fixture
def database(bare) -> Iterator[Path]:
    """Return a migrated database that runs as long as this test."""
    run(bare, "manage.py", "migrate", "--verbosity", "0")
    folder = Path(bare["DATA_DIR"]) / "postgres"
    with held(folder, bare):
        yield folder


def run(bare, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=project.BASE_DIR, env=bare, capture_output=True,
        text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


class held:  # noqa: N801 - reads as a function
    """Run a process that keeps the server running, or starts it again."""

    def __init__(self, folder: Path, bare: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", START, str(folder)], cwd=project.BASE_DIR, env=bare,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout
        self.host, port = self.process.stdout.readline().split()
        self.port = int(port)

    def __enter__(self) -> held:
        return self

    def __exit__(self, *error: object) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(timeout=PATIENCE)


def stop_immediately(folder: Path) -> None:
    """Stop the server as `pg_ctl stop -m immediate` does."""
    pid = int((folder / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGQUIT)
    wait_until(lambda: not Path(f"/proc/{pid}").exists())


def test_stopped_at_once_under_load_nothing_is_lost_and_nothing_double(database, bare, tmp_path):
    log = tmp_path / "load.log"
    with log.open("w") as said:
        load = subprocess.Popen(
            [sys.executable, "-m", "tests.loading", str(ORDERS)], cwd=project.BASE_DIR, env=bare,
            stdout=said, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        known = promised_after(log, 5)
        for stop in range(1, STOPS + 1):
            known = promised_after(log, stop * ORDERS * 3 // (STOPS + 2))
            stop_immediately(database)
            with held(database, bare) as again:
                assert known <= there(again)
        assert load.wait(timeout=PATIENCE) == 0, log.read_text()
    finally:
        load.kill()
        load.wait()

    with held(database, bare) as again:
        assert promised(log) == there(again)
        assert len(promised(log)) == 3 * ORDERS
        assert doubles(again) == []
    assert "adds up" in run(bare, "manage.py", "checkledger")


def promised(log: Path) -> set[tuple[str, str]]:
    """Return the answered steps, each a verb and an order."""
    lines = [line.split() for line in log.read_text().splitlines(keepends=True)
             if line.endswith("\n")]  # fmt: skip
    return {(words[0], words[1]) for words in lines if words[0] in {"bought", "filed", "approved"}}


def promised_after(log: Path, count: int) -> set[tuple[str, str]]:
    wait_until(lambda: len(promised(log)) >= count, log)
    return promised(log)


THERE = """
SELECT 'bought', shop_id FROM claims_order WHERE product = 'number'
UNION ALL
SELECT 'filed', bought.shop_id FROM claims_claim
  JOIN claims_order AS bought ON bought.id = order_id
UNION ALL
SELECT 'approved', bought.shop_id FROM claims_decision
  JOIN claims_claim AS claim ON claim.id = claim_id
  JOIN accounts_credittransfer AS paid ON paid.id = transfer_id AND paid.amount = 2.50
  JOIN claims_order AS bought ON bought.id = order_id AND bought.return_transfer_id = paid.id
"""
DOUBLES = f"SELECT * FROM ({THERE}) AS there GROUP BY 1, 2 HAVING count(*) > 1"


def there(running: held) -> set[tuple[str, str]]:
    return {(verb, name) for verb, name in asked(running, THERE)}


def doubles(running: held) -> list[tuple[str, str]]:
    return [(verb, name) for verb, name in asked(running, DOUBLES)]


def asked(running: held, question: str) -> list[tuple[str, str]]:
    with psycopg.connect(
        host=running.host, port=running.port, user=EMBEDDED_OWNER, dbname="postgres"
    ) as beside:
        return beside.execute(question.encode()).fetchall()
