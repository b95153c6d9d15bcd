"""The keys that sign sessions and links."""

from __future__ import annotations

import base64
import re
from typing import Final

import environ

from config.environment.refusals import refuse_if

SHORTEST: Final = 50
"""Characters; the limit of Django's own check."""
FEWEST_DIFFERENT: Final = 10
DEMAND = (
    f"a random text of {SHORTEST} characters or more that was never published: python -c"
    " 'import secrets; print(secrets.token_urlsafe(50))'"
)


def secret_key(env: environ.Env, name: str, *, published: str, in_production: bool) -> str:
    """Return the key. Without one, a demo uses the published key."""
    key: str = env.str(name, default=published)
    refuse_if(
        in_production and key == published, f"DEBUG is false: set {name} to a long random text."
    )
    refuse_if(not key.strip(), f"{name} must not be empty, but {DEMAND}")
    if in_production:
        _refuse_weak(name, key, published)
    return key


def old_keys(env: environ.Env, name: str, *, published: str, in_production: bool) -> list[str]:
    """Return the keys that signed before and that count until they are taken out of the list."""
    keys = [key.strip() for key in env.list(name, default=[])]
    if in_production:
        for number, key in enumerate(keys, 1):
            _refuse_weak(f"{name}, number {number},", key, published)
    return keys


def _refuse_weak(name: str, key: str, published: str) -> None:
    refuse_if(is_published(key, published), f"{name} must not be the demo's, but {DEMAND}")
    weak = len(key) < SHORTEST or len(set(key)) < FEWEST_DIFFERENT
    refuse_if(weak or key.startswith("django-insecure-"), f"{name} must be {DEMAND}")


def is_published(key: str, published: str) -> bool:
    """Return True if the key is the published one in other clothes: in capitals, in quotes, cut
    short, with words before or after, backwards, or encoded.
    """
    known = _bare(published)
    half = len(known) // 2
    for form in (key, key[::-1], *_decoded(key)):
        bare = _bare(form)
        if known[:half] in bare or known[half:] in bare or (len(bare) > 8 and bare in known):
            return True
    return False


def _bare(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _decoded(key: str) -> list[str]:
    """Return what the key says in base64 and in hexadecimal, where it says something."""
    found = []
    for decode in (lambda text: base64.b64decode(text + "=="), bytes.fromhex):
        try:
            found.append(decode(key.strip()).decode("ascii"))
        except ValueError:
            continue
    return found
