"""The portal's own addresses: its host names, BASE_URL, and the origins that may post forms."""

from __future__ import annotations

import re
import socket
from contextlib import suppress
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

import environ

from config.environment.refusals import refuse, refuse_if

NAME: Final = re.compile(r"\.?[\w-]+(\.[\w-]+)*\.?|\[[0-9a-fA-F:.]+\]")
EXAMPLE: Final = "https://claims.example"


def split(name: str, url: str, *, example: str) -> SplitResult:
    """Return the parts of a URL. The refusal doesn't repeat it, because it may hold a password."""
    try:
        where = urlsplit(url)
        where.port  # noqa: B018  # raises ValueError for a port that is none
    except ValueError:
        refuse(f"{name} can't be read as a URL; it must be like {example}")
    return where


def hosts(env: environ.Env, name: str, *, in_production: bool) -> list[str]:
    """Return the host names that the portal answers to; a demo's are this machine's alone."""
    names = [each.strip() for each in env.list(name, default=[]) if each.strip()]
    refuse_if(
        in_production and not names, f"DEBUG is false: set {name} to the portal's host names."
    )
    for each in names:
        refuse_if(
            not NAME.fullmatch(each),
            f"{name} must be host names such as claims.example, without scheme, port or *.",
        )
        refuse_if(
            not in_production and not is_this_machine(each),
            f"DEBUG must be false, because {name} lets other machines in.",
        )
    return names if in_production or names else ["localhost", "127.0.0.1", "[::1]"]


def base_url(env: environ.Env, name: str, *, default: str, in_production: bool) -> str:
    """Return the portal's address without a slash at the end."""
    url: str = env.str(name, default=default).strip().rstrip("/")
    where = split(name, url, example=EXAMPLE)
    host = where.hostname or ""
    plain = where.scheme in ("http", "https") and not where.username
    refuse_if(
        not plain or not _is_host(host) or where.path or where.query or where.fragment,
        f"{name} must be like {EXAMPLE}, with nothing after the host.",
    )
    if in_production:
        safe = where.scheme == "https" and not is_this_machine(host)
        refuse_if(not safe, f"{name} must be the https address that people open, like {EXAMPLE}")
    else:
        refuse_if(
            not is_this_machine(host), f"DEBUG must be false, because {name} is another machine's."
        )
    return url


def origins(env: environ.Env, name: str, *, in_production: bool) -> list[str]:
    found = [each.strip() for each in env.list(name, default=[]) if each.strip()]
    schemes = ("https",) if in_production else ("https", "http")
    for each in found:
        where = split(name, each, example=EXAMPLE)
        refuse_if(
            where.scheme not in schemes or not where.hostname or each.endswith("/"),
            f"{name} must be origins like {EXAMPLE}, separated by commas.",
        )
    return found


def is_this_machine(host: str) -> bool:
    """Return True for a name or address by which only this machine can reach itself, or any."""
    host = host.strip("[]").rstrip(".").lower()
    if host == "localhost" or host.endswith((".localhost", ".localdomain")):
        return True
    # It also reads what browsers take for an address, such as 127.1 or 2130706433.
    with suppress(OSError):
        host = socket.inet_ntoa(socket.inet_aton(host))
    try:
        address = ip_address(host)
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_loopback or address.is_unspecified


def _is_host(host: str) -> bool:
    return bool(NAME.fullmatch(host) or NAME.fullmatch(f"[{host}]")) and not host.startswith(".")
