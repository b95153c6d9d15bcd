"""Readers of numbers with a unit, within limits."""

import environ

from config.environment.refusals import refuse_if

MOST_DIGITS = 12


def number(
    env: environ.Env, name: str, *, default: int, unit: str, least: int = 1, most: int
) -> int:
    text: str = env.str(name, default=str(default))
    refuse_if(
        not is_whole(text) or not least <= int(text) <= most,
        f"{name} must be a number of {unit} from {least} to {most}.",
    )
    return int(text)


def is_whole(text: str) -> bool:
    """Return True for digits that are few enough for Python to count."""
    return text.isdecimal() and text.isascii() and len(text) <= MOST_DIGITS


def days(env: environ.Env, name: str, *, default: int, most: int) -> int:
    return number(env, name, default=default, unit="days", most=most)


def port(env: environ.Env, name: str, *, default: int) -> int:
    text: str = env.str(name, default=str(default))
    refuse_if(
        not is_whole(text) or not 0 < int(text) < 65_536,
        f"{name} must be a number from 1 to 65535, such as 9000.",
    )
    return int(text)
