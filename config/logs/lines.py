"""The two forms of the log: an object of JSON a line, and lines for a person at a terminal."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any, Final

from accounts.log_context import facts
from config.logs.scrubbing import safe_error, safe_message

FIELDS: Final = (
    "event", "view", "method", "status", "seconds", "task", "queue", "job", "outcome", "sql",
    "model", "object", "action", "fields", "check", "problem",
)  # fmt: skip
"""The extra attributes of a record that a line may show. None of them is ever a person's text."""
JOB_ENDS: Final = frozenset({"job_error", "job_error_retry", "job_aborted", "job_aborted_retry"})
"""Procrastinate's own records of failed jobs: `config.logs.jobs` has logged each one already."""


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON: ids and codes, and no personal data."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": safe_message(record),
            **facts(),
            **_fields(record),
        }
        if record.exc_info and record.exc_info[1]:
            line["error"] = safe_error(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


class ReadableLines(logging.Formatter):
    """Formats a record for the person who runs the demo, with whole messages and tracebacks."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # logging's name
        told = {**facts(), **_fields(record)}
        told.pop("request_id", None)
        pairs = " ".join(f"{name}={value}" for name, value in told.items())
        return f"{super().formatMessage(record)} {pairs}".rstrip()


class EachJobOnce(logging.Filter):
    """Drops Procrastinate's lines about the ends of jobs, which hold arguments and texts."""

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(record, "action", None) not in JOB_ENDS


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    return {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
