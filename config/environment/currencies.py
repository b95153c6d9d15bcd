"""The decimals of currencies that ISO 4217 doesn't know, such as the shop's own units."""

import re

import environ

from config.environment.numbers import is_whole
from config.environment.refusals import refuse_if

MOST_DIGITS = 8
DEFAULT = "USDT:6,BTC:8"


def currency_digits(env: environ.Env, name: str) -> dict[str, int]:
    """Return the number of decimals by currency, from a text such as `USDT:6,POINTS:0`."""
    table: dict[str, int] = {}
    for pair in env.str(name, default=DEFAULT).split(","):
        if not pair.strip():
            continue
        code, _, digits = pair.strip().partition(":")
        is_sound = re.fullmatch(r"[A-Z][A-Z0-9]{2,9}", code) and is_whole(digits)
        refuse_if(
            not is_sound or int(digits) > MOST_DIGITS,
            f"{name}: “{pair}” is not like USDT:6, with at most {MOST_DIGITS} decimals.",
        )
        table[code] = int(digits)
    return table
