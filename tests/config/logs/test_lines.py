"""The forms of the log, and what a line never says."""

import json
import logging

import pytest
from botocore.exceptions import ClientError
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.log_context import logging_about
from accounts.models import User
from config.logs.lines import EachJobOnce, JsonLines, ReadableLines
from config.logs.scrubbing import LEFT_OUT, safe_error

log = logging.getLogger("claims.anything")

SECRETS = [
    "ann@example.com",
    "/uploads/Zm9vYmFyYmF6cXV4MTIzNA/",
    "esimpy_0123456789abcdefghijklmnop",
    "+49 170 1234567",
    "198.51.100.7",
    "'My passport.png'",
    '"It never worked!"',
    "https://bucket.example/evidence/ab?X-Amz-Signature=1234",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
]


@pytest.mark.parametrize("secret", SECRETS)
def test_what_a_library_has_filled_in_is_left_out(logged, secret):
    log.warning(f"It failed for {secret}, twice.")  # noqa: G004

    (line,) = logged(logger="claims.anything")
    assert secret.strip("'\"") not in line["message"]
    assert line["message"].startswith("It failed for …")
    readable = ReadableLines().format(logging.makeLogRecord({"msg": f"for {secret}"}))
    assert secret in readable, "The form for demos would show it."


def test_texts_that_are_filled_in_are_left_out_and_numbers_stay(logged):
    log.warning("%s sent %d files named %s in %.1f s", "Ann", 3, "Passport", 1.25)
    log.warning("%(who)s has %(count)d", {"who": "Ann", "count": 2})

    assert [line["message"] for line in logged(logger="claims.anything")] == [
        f"{LEFT_OUT} sent 3 files named {LEFT_OUT} in 1.2 s",
        f"{LEFT_OUT} has 2",
    ]


def test_a_message_that_does_not_fit_its_values_is_told_without_them():
    record = logging.makeLogRecord({"msg": "%d files", "args": ("Ann",)})
    assert json.loads(JsonLines().format(record))["message"] == "%d files"


def test_a_line_is_one_object_with_the_facts_of_its_request(logged):
    with logging_about(request_id="abc", user_id=7, claim="CLM-1"):
        log.warning("two\nlines", extra={"event": "refused", "password": "secret"})

    (line,) = logged(logger="claims.anything")
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "level": "WARNING", "logger": "claims.anything", "message": "two lines",
        "request_id": "abc", "user_id": 7, "claim": "CLM-1", "event": "refused",
    }  # fmt: skip


def test_the_text_of_one_request_is_in_one_physical_line():
    record = logging.makeLogRecord({"msg": "a\nb\r\nc\u2028d"})
    assert len(JsonLines().format(record).splitlines()) == 1


def test_an_exception_is_told_by_class_code_and_place_without_its_message(logged, ann):
    with pytest.raises(IntegrityError, match=ann.email) as raised, transaction.atomic():
        User.objects.create(email=ann.email)
    log.error("It failed.", exc_info=raised.value)

    (line,) = logged(logger="claims.anything")
    assert ann.email not in json.dumps(line)
    assert [(one["type"], one.get("code")) for one in line["error"]][-1] == (
        "psycopg.errors.UniqueViolation",
        "23505",
    )
    assert any("tests/config/logs" in place for place in line["error"][0]["at"])


def test_a_stores_own_code_is_told():
    answer = {"Error": {"Code": "InvalidEncryptionAlgorithmError", "Message": "key=secret"}}
    told = safe_error(ClientError(answer, "PutObject"))

    assert told[0]["code"] == "InvalidEncryptionAlgorithmError"
    assert "secret" not in json.dumps(told)


def test_a_cause_is_told_and_a_circle_ends():
    first, second = DatabaseError(), ValueError()
    first.__cause__, second.__cause__ = second, first

    assert [one["type"] for one in safe_error(first)] == [
        "django.db.utils.DatabaseError",
        "builtins.ValueError",
    ]


def test_the_ends_of_jobs_are_not_told_twice():
    record = logging.makeLogRecord({"msg": "Job it[1](email='a') ended", "action": "job_error"})
    assert not EachJobOnce().filter(record)
    assert EachJobOnce().filter(logging.makeLogRecord({"msg": "other"}))


def test_a_slow_query_is_told_without_its_values(logged, settings, db):
    settings.SLOW_QUERY_MS = 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.01), %s, 'ann@example.com'", ["bob@example.com"])

    (line,) = logged(message="Slow query")
    assert line["sql"] == "SELECT pg_sleep(0.01), %s, '…'"
    assert line["seconds"] >= 0.01
    assert "example.com" not in logged.text()


def test_a_query_that_is_not_slow_has_no_line(logged, settings, db):
    settings.SLOW_QUERY_MS = 600_000
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")

    assert logged(message="Slow query") == []
