"""The limits that the database sets to a web process, and not to others."""

from __future__ import annotations

import json

import psycopg
import pytest
from django.db import connection

from tests.processes import PATIENCE, running

LIMITS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
SHOW = f"""
import json
from django.db import connection
with connection.cursor() as cursor:
    found = {{}}
    for name in {LIMITS!r}:
        cursor.execute(f"SHOW {{name}}")
        found[name] = cursor.fetchone()[0]
print(json.dumps(found))
"""
WEB = "import config.wsgi\n"
COMMAND = "import django\ndjango.setup()\n"
SAY_ERROR = """
import time
from django.db import DatabaseError, connection, transaction
told = "nothing"
try:
    with transaction.atomic(), connection.cursor() as cursor:
        {what}
except DatabaseError as error:
    told = type(error.__cause__).__name__
print('"' + told + '"')
"""
SLOW = 'cursor.execute("SELECT pg_sleep(3)")'
LOCKED = 'cursor.execute("LOCK TABLE accounts_user IN ACCESS SHARE MODE")'
IDLE = 'cursor.execute("SELECT 1"); time.sleep(3); cursor.execute("SELECT 1")'


@pytest.fixture
def told(real_commits, tmp_path):
    """Return a function that runs a script on the test's database and returns what it printed."""

    def run(script, **variables):
        path, log = tmp_path / "script.py", tmp_path / "log"
        path.write_text(script)
        with running([str(path)], tmp_path, log, **variables) as process:
            assert process.wait(timeout=PATIENCE) == 0, log.read_text()
        return json.loads(log.read_text().splitlines()[-1])

    return run


def test_a_web_process_has_limits(told):
    assert told(WEB + SHOW) == dict(zip(LIMITS, ("30s", "15s", "2min"), strict=True))


def test_the_limits_are_settings(told):
    variables = {"WEB_STATEMENT_SECONDS": "7", "WEB_LOCK_SECONDS": "3", "WEB_IDLE_SECONDS": "0"}
    assert told(WEB + SHOW, **variables) == dict(zip(LIMITS, ("7s", "3s", "0"), strict=True))


def test_workers_and_commands_have_none(told):
    assert set(told(COMMAND + SHOW).values()) == {"0"}


def test_behind_a_pooler_the_limits_are_the_pooler_s(told):
    """A pooler refuses a connection with options, and shares connections with the workers."""
    assert set(told(WEB + SHOW, WEB_CONNECTIONS="0").values()) == {"0"}
    assert told(WEB + SHOW, WEB_CONNECTIONS="0", WEB_LOCK_SECONDS="5")["lock_timeout"] == "5s"


@pytest.mark.parametrize(
    ("variable", "what", "error"),
    [
        ("WEB_STATEMENT_SECONDS", SLOW, "QueryCanceled"),
        ("WEB_LOCK_SECONDS", LOCKED, "LockNotAvailable"),
        ("WEB_IDLE_SECONDS", IDLE, "IdleInTransactionSessionTimeout"),
    ],
)
def test_the_database_ends_what_takes_longer(told, variable, what, error):
    script = WEB + SAY_ERROR.format(what=what)
    where = connection.get_connection_params() | {"dbname": connection.settings_dict["NAME"]}
    keep = ("dbname", "user", "password", "host", "port")
    with psycopg.connect(**{name: where[name] for name in keep if name in where}) as other:
        if what is LOCKED:
            other.execute("LOCK TABLE accounts_user IN ACCESS EXCLUSIVE MODE")
        assert told(script, **{variable: "1"}) == error
        if what is not LOCKED:  # without a limit, that would wait for us
            assert told(script, **{variable: "0"}) == "nothing"
