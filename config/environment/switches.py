"""Readers of yes or no, and of one word out of several."""

from collections.abc import Sequence

import environ

from config.environment.refusals import refuse_if

YES = ("true", "yes", "on", "1")
NO = ("false", "no", "off", "0")


def switch(env: environ.Env, name: str, *, default: bool) -> bool:
    text: str = env.str(name, default="true" if default else "false").strip().lower()
    refuse_if(text not in (*YES, *NO), f"{name} must be true or false.")
    return text in YES


def word(env: environ.Env, name: str, *, default: str, of: Sequence[str]) -> str:
    text: str = env.str(name, default=default).strip()
    refuse_if(text not in of, f"{name} must be one of {', '.join(of)}.")
    return text
