"""The cache that all processes share."""

from typing import Any, Final

import environ

from config.environment.addresses import split
from config.environment.refusals import refuse_if

EXAMPLE: Final = "dbcache://portal_cache or rediscache://host:6379/0"
SHARED: Final = ("dbcache", "redis", "rediss", "rediscache")
OWN: Final = ("locmemcache", "dummycache")
"""The schemes that count for one process alone; a demo may use them."""


def cache(env: environ.Env, name: str, *, default: str, in_production: bool) -> dict[str, Any]:
    url: str = env.str(name, default=default).strip()
    where = split(name, url, example=EXAMPLE)
    known = where.scheme in (SHARED if in_production else (*SHARED, *OWN))
    refuse_if(
        not known or (where.scheme in SHARED and not (where.netloc or where.path)),
        f"{name} must be {EXAMPLE}",
    )
    config: dict[str, Any] = env.cache_url_config(url)
    return config
