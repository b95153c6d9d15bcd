"""The names of all variables, and the refusal of a name that is nearly one of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from config.environment.refusals import refuse_if

KNOWN: Final = frozenset(
    {
        "ALLOWED_HOSTS",
        "APPEAL_DAYS",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "BASE_URL",
        "BEHIND_PROXY",
        "CACHE_URL",
        "CLAMD_URL",
        "CSRF_TRUSTED_ORIGINS",
        "CURRENCY_DIGITS",
        "DATABASE_OWNER_URL",
        "DATABASE_URL",
        "DATA_DIR",
        "DEBUG",
        "DECISION_HOURS",
        "DEFAULT_FROM_EMAIL",
        "EMAIL_URL",
        "EVIDENCE_RETENTION_DAYS",
        "GIVE_UP_DAYS",
        "LEASE_MINUTES",
        "LOG_FORMAT",
        "LOG_LEVEL",
        "MALWARE_SCAN",
        "METRICS_TOKEN",
        "OBJECTION_DAYS",
        "OFFER_DAYS",
        "PORT",
        "REMIND_DAYS",
        "REPLACEMENT_DAYS",
        "SECRET_KEY",
        "SECRET_KEY_FALLBACKS",
        "SECURE_HSTS_SECONDS",
        "SECURE_SSL_REDIRECT",
        "SHOP_URL",
        "SHOP_URL_MAY_BE_PRIVATE",
        "SHOP_URL_SECRETS",
        "SHOP_WEBHOOK_SECRETS",
        "SLOW_QUERY_MS",
        "SLOW_REQUEST_MS",
        "STORAGE_URL",
        "WEB_CONNECTIONS",
        "WEB_IDLE_SECONDS",
        "WEB_LOCK_SECONDS",
        "WEB_STATEMENT_SECONDS",
    }
)
"""The variables that `config/settings.py` reads; a test compares the two."""
FOR_PRODUCTION: Final = (
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "ALLOWED_HOSTS",
    "BEHIND_PROXY",
    "SECURE_SSL_REDIRECT",
    "SECURE_HSTS_SECONDS",
)
"""The variables that only somebody sets who means to let others in."""
FEWEST_LETTERS: Final = 5
"""Shorter names resemble too many words."""
LONG: Final = 10
"""From this length on, a name that is two letters off is a slip, too."""


def refuse_slips(variables: Mapping[str, str]) -> None:
    """Refuse variables whose name is one or two letters off a known one."""
    known = {*KNOWN, *(f"{name}_FILE" for name in KNOWN)}
    for name in sorted(set(variables) - known):
        meant = _meant(name.upper(), known)
        refuse_if(meant, f"{name} must not be set: did you mean {meant}?")


def _meant(name: str, known: Iterable[str]) -> str:
    """Return the known name that this one is a slip of; '' for a name of something else."""
    near = [
        (steps, each)
        for each in known
        if _could_be(name, each)
        and (steps := distance(name, each)) <= (2 if len(each) >= LONG else 1)
    ]
    return min(near)[1] if near else ""


def _could_be(name: str, known: str) -> bool:
    """Return False, at once, for nearly all names that are too far off: every start compares
    thousands.
    """
    if len(known) < FEWEST_LETTERS or abs(len(known) - len(name)) > 2:
        return False
    # Each step takes one letter away and brings one in, at most.
    return len(set(name) ^ set(known)) <= 4


def distance(one: str, other: str) -> int:
    """Return the letters to add, drop, change, or swap with their neighbour.

    This is the optimal string alignment distance.
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, above, row = row, before, [i]
        for j, there in enumerate(other, 1):
            steps = min(before[j] + 1, row[-1] + 1, before[j - 1] + (letter != there))
            if i > 1 and j > 1 and (letter, one[i - 2]) == (other[j - 2], there):
                steps = min(steps, above[j - 2] + 1)
            row.append(steps)
    return row[-1]


def refuse_half_a_production(variables: Mapping[str, str], *, published: str) -> None:
    """Refuse variables for production where nobody has said that this is no demo."""
    if "DEBUG" in variables:
        return
    for name in FOR_PRODUCTION:
        refuse_if(
            variables.get(name, "") not in ("", published),
            f"DEBUG must be false, because {name} is set; or true for a demo on this machine.",
        )
