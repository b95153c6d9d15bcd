"""The network address of the current request, for the rows written while answering it.

The address is ambient, like the time zone: views, jobs and commands call actions, and no action
decides anything by the address. Outside a request there is none.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import ip_address

_address: ContextVar[str | None] = ContextVar("address", default=None)


def current_address() -> str | None:
    """Return the address of the current request, in the form of PostgreSQL's `inet`."""
    return _address.get()


@contextmanager
def coming_from(text: str) -> Iterator[None]:
    """Set the current address inside the block; a text that is no IP address sets None."""
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
