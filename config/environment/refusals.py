"""The refusal of impossible settings, and how it is told."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from django.core.exceptions import ImproperlyConfigured


def refuse(message: str) -> NoReturn:
    """Raise `ImproperlyConfigured` with a message that says what to set instead."""
    # No cause is named: it may say the value, which may be a secret.
    raise ImproperlyConfigured(message) from None


def refuse_if(wrong: object, message: str) -> None:
    if wrong:
        refuse(message)


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """End the process with one line on stderr and the code 1 if the settings are refused."""
    try:
        yield
    except ImproperlyConfigured as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(f"error: {' '.join(str(error).split())}")
