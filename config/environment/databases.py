"""The database: a PostgreSQL by its URL, or the embedded one."""

from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from config.environment.refusals import refuse_if

EMBEDDED = "config.embedded_postgres"


def database(env: environ.Env, name: str, *, embedded_in: Path) -> dict[str, Any]:
    """Return Django's settings for the database of this URL, or for the embedded one without it."""
    url: str = env.str(name, default="")
    if not url:
        return {"ENGINE": EMBEDDED, "NAME": "postgres", "HOST": str(embedded_in)}
    refuse_if(
        not url.startswith(("postgresql://", "postgres://")),
        f"{name} must name a PostgreSQL database, version 15 or newer: "
        "postgresql://user:password@host:5432/name",
    )
    try:
        config: dict[str, Any] = env.db_url(name)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} can't be read as a URL: {error}") from error
    return config
