"""From which address a request came, for what is written down while it is answered.

Ambient, as the time zone is: an action is called by a view, a job or a command, and none of them
decides anything by it. Outside a request there is none.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import ip_address

_address: ContextVar[str | None] = ContextVar("address", default=None)


def current_address() -> str | None:
    """The address of whoever asked, as PostgreSQL's `inet` takes it."""
    return _address.get()


@contextmanager
def coming_from(text: str) -> Iterator[None]:
    """What is written inside came from there; what is no IP address counts as none."""
    token = _address.set(_readable(text))
    try:
        yield
    finally:
        _address.reset(token)


def _readable(text: str) -> str | None:
    try:
        return str(ip_address(text.strip()))
    except ValueError:
        return None
