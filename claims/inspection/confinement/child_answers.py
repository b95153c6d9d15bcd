"""Checks of the texts and lists in a child's answer.

The child ran decoders on hostile bytes, so the parent treats its answer as untrusted input. The
checks raise ValueError for anything that a sound child can't say.
"""

import re
from datetime import datetime
from typing import Any, Final, Literal, get_args

Fact = Literal["captured_at", "device", "software", "edited_with"]
FACTS: Final = frozenset(get_args(Fact))
LONGEST_FACT: Final = 80

YEARS: Final = range(2000, 2100)
"""The years in which a file can have been captured. An earlier year comes from a clock that was
never set, and near `datetime`'s first and last years an instant can't be moved to another zone."""

MOST_FINGERPRINTS: Final = 8
FINGERPRINT: Final = re.compile(r"[0-9a-f]{64}")

PLACE: Final = re.compile(r"[0-9]{1,3}[.,][0-9]{3,}[^0-9]{0,8}[0-9]{1,3}[.,][0-9]{3,}")
"""A latitude and a longitude, with any text around them."""


def fingerprints_in(answer: Any) -> tuple[str, ...]:
    if not isinstance(answer, list) or len(answer) > MOST_FINGERPRINTS:
        raise ValueError("not a list of fingerprints")
    if not all(isinstance(each, str) and FINGERPRINT.fullmatch(each) for each in answer):
        raise ValueError("not a fingerprint")
    return tuple(dict.fromkeys(answer))


def facts_in(answer: Any) -> dict[str, str]:
    """Return the file's own metadata by `Fact`. Raises ValueError for anything else."""
    if not isinstance(answer, dict) or not answer.keys() <= FACTS:
        raise ValueError("not what a file says")
    for value in answer.values():
        if not (isinstance(value, str) and value and tidy(value) == value):
            raise ValueError("not in plain words")
    if "captured_at" in answer and datetime.fromisoformat(answer["captured_at"]).year not in YEARS:
        raise ValueError("not a time that can be true")
    return dict(answer)


def tidy(text: str) -> str:
    """Return the printable text on one line, cut to `LONGEST_FACT`; '' if it names a place."""
    # Cut first, because the text may be a megabyte long.
    printable = "".join(letter if letter.isprintable() else " " for letter in text[:1000])
    line = " ".join(printable.split())[:LONGEST_FACT].strip()
    return "" if PLACE.search(line) else line
