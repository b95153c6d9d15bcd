"""Messages and exceptions without what they may say about people.

A message keeps the words that a programmer wrote, and its numbers. Texts that are filled in are
left out, because a name can't be told from another word. Libraries fill in some before they log, so
the rest goes through patterns, too. What a line has to tell beside numbers is a field of its own.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final

LEFT_OUT: Final = "…"
LONGEST_MESSAGE: Final = 1000
PLAIN: Final = (bool, int, float, type(None))
FRAMES: Final = 12
"""The innermost frames that are told of each exception."""
CODES: Final = ("sqlstate", "errno", "smtp_code")
"""The attributes in which exceptions of libraries have a code."""
HERE: Final = str(Path(__file__).resolve().parents[2]) + "/"

PEOPLE: Final = re.compile(
    r"""
      '[^']*' | "[^"]*" | «[^»]*» | “[^”]*” | `[^`]*`   # what is quoted
    | \S+@\S+                                           # addresses of mail
    | \w+://\S+                                         # addresses of pages, with their queries
    | (?<!\w)/[^\s,;:)]+                                # paths of files and pages
    | (?:\d{1,3}\.){3}\d{1,3}                           # addresses of machines
    | \+?\d[\d\s()-]{6,}\d                              # phone numbers
    | (?=[\w-]*\d)[\w-]{20,}                            # tokens and hashes
    """,
    re.VERBOSE,
)


def safe_message(record: logging.LogRecord) -> str:
    """Return the record's message in one line, without texts that were filled in."""
    text = str(record.msg)
    if record.args:
        text = _filled_in(text, record.args)
    text = text[:LONGEST_MESSAGE]
    return " ".join(PEOPLE.sub(LEFT_OUT, text).split())


def _filled_in(template: str, args: Any) -> str:
    try:
        if isinstance(args, dict):
            return template % {name: _plain(value) for name, value in args.items()}
        return template % tuple(_plain(value) for value in args)
    except (TypeError, ValueError):  # such as %d for a text
        return template


def _plain(value: Any) -> Any:
    return value if isinstance(value, PLAIN) else LEFT_OUT


def safe_error(error: BaseException) -> list[dict[str, Any]]:
    """Return the exception and its causes, outermost first: class, code and place, no message."""
    return [
        {
            "type": f"{type(one).__module__}.{type(one).__qualname__}",
            **_code_of(one),
            "at": _places(one.__traceback__),
        }
        for one in _chain(error)
    ]


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _code_of(error: BaseException) -> dict[str, str | int]:
    # Botocore keeps the store's own code in the answer.
    answer = getattr(error, "response", None)
    codes = [answer.get("Error", {}).get("Code")] if isinstance(answer, dict) else []
    codes += [getattr(error, name, None) for name in CODES]
    known = [code for code in codes if isinstance(code, int | str)]
    return {"code": known[0]} if known else {}


def _places(tb: TracebackType | None) -> list[str]:
    """Return our own frames and the innermost one, which may be a library's."""
    frames = traceback.extract_tb(tb)
    told = [frame for frame in frames if _is_ours(frame) or frame is frames[-1]]
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in told[-FRAMES:]]


def _is_ours(frame: traceback.FrameSummary) -> bool:
    return frame.filename.startswith(HERE) and "site-packages" not in frame.filename


def _short(filename: str) -> str:
    return filename.removeprefix(HERE).rpartition("site-packages/")[2]
