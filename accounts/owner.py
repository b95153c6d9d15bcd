"""The connection of the role that owns the tables, which commands that change tables use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection


@contextmanager
def as_owner(*, administrator: str = "") -> Iterator[None]:
    """Let the default connection of all threads be the owner's, or that of an administrator.

    An administrator's password is libpq's to find, in PGPASSWORD or the file ~/.pgpass. Without
    DATABASE_OWNER_URL nothing changes. The name of the database stays, because a test has its own.
    """
    login = dict(settings.DATABASE_OWNER)
    if administrator:
        login |= {"USER": administrator, "PASSWORD": ""}
    before = {name: connection.settings_dict[name] for name in login}
    if before == login:
        yield
        return
    connection.close()
    connection.settings_dict.update(login)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)
