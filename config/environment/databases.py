"""The database: a PostgreSQL by its URL, or the embedded one."""

from pathlib import Path
from typing import Any

import environ
import psycopg
from psycopg.conninfo import make_conninfo

from config.environment.addresses import split
from config.environment.refusals import refuse, refuse_if

EMBEDDED = "config.embedded_postgres"
EMBEDDED_OWNER = "postgres"
EMBEDDED_APP = "portal"
EXAMPLE = "postgresql://user:password@host:5432/name"
SOCKET = "postgresql://user@/name?host=/run/postgresql"
OF_DJANGO = (
    "assume_role", "isolation_level", "pool", "prepare_threshold", "server_side_binding"
)  # fmt: skip
"""Parameters that Django or psycopg takes itself; libpq knows all others."""
LOGIN = ("USER", "PASSWORD", "HOST", "PORT")


def database(env: environ.Env, name: str, *, embedded_in: Path) -> dict[str, Any]:
    """Return Django's settings for the database of this URL, or for the embedded one without it."""
    url: str = env.str(name, default="")
    if not url:
        where = {"NAME": "postgres", "HOST": str(embedded_in)}
        return {"ENGINE": EMBEDDED, "USER": EMBEDDED_APP, "PASSWORD": "", "PORT": ""} | where
    return _postgresql(env, name)


def owner_login(env: environ.Env, name: str, *, database: dict[str, Any]) -> dict[str, Any]:
    """Return what differs for the owner of the database's tables; nothing if the URL isn't set."""
    url: str = env.str(name, default="")
    if not url:
        return {"USER": EMBEDDED_OWNER} if database["ENGINE"] == EMBEDDED else {}
    refuse_if(database["ENGINE"] == EMBEDDED, f"{name} is set: set DATABASE_URL, too.")
    owner = _postgresql(env, name)
    refuse_if(
        owner["NAME"] != database["NAME"], f"{name} must name the same database as DATABASE_URL."
    )
    refuse_if(
        owner["USER"] == database["USER"],
        f"{name} must name another role than DATABASE_URL, the one that owns the tables.",
    )
    login = {part: owner[part] for part in LOGIN}
    return login | {"OPTIONS": owner.get("OPTIONS", {})}


def _postgresql(env: environ.Env, name: str) -> dict[str, Any]:
    url: str = env.str(name).strip()
    refuse_if(
        not url.startswith(("postgresql://", "postgres://")),
        f"{name} must name a PostgreSQL database, version 15 or newer: {EXAMPLE}",
    )
    where = split(name, url, example=EXAMPLE)
    refuse_if(
        "%2f" in where.netloc.rpartition("@")[2].lower(),
        f"{name} must name the folder of a socket after the database, not as the host: {SOCKET}",
    )
    refuse_if(where.path in ("", "/"), f"{name} must name a database after the host: {EXAMPLE}")
    config: dict[str, Any] = env.db_url_config(url)
    options = config.get("OPTIONS", {})
    try:
        make_conninfo(**{key: options[key] for key in options if key not in OF_DJANGO})
    except psycopg.ProgrammingError:
        refuse(f"{name} must have only parameters that PostgreSQL knows after the ?, like {SOCKET}")
    return config
