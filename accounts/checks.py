"""System checks of the database's roles."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks

from accounts import privileges

HINT = "See docs/operations.md, Two roles."


def check_two_roles(**kwargs: Any) -> list[checks.CheckMessage]:
    """Warn if the portal's processes connect as the owner of the tables."""
    if settings.DATABASE_OWNER:
        return []
    return [
        checks.Warning(
            "The portal connects as a role that can switch off what protects its tables.",
            hint=f"Set DATABASE_OWNER_URL, and let DATABASE_URL name another role. {HINT}",
            id="accounts.W001",
        )
    ]


def check_role(
    *, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Warn if the role of DATABASE_URL has rights that it must not have; asks the database."""
    if not databases or not settings.DATABASE_APP:
        return []
    role = settings.DATABASE_APP["USER"]
    return [
        checks.Warning(f"The role {role} of DATABASE_URL {fault}.", hint=HINT, id="accounts.W002")
        for fault in privileges.faults(role)
    ]
