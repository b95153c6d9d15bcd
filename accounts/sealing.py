"""Seals texts that nobody may read in the database, by a key that only the processes know."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from functools import cache
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PURPOSE: Final = b"accounts.sealing: mails of the sign-in pages"
KEY_BYTES: Final = 32


class CannotUnsealError(Exception):
    """The text was sealed with a key that this process doesn't have, or it was changed."""


def seal(text: str) -> str:
    """Return the text encrypted and signed (Fernet), with a key that follows from SECRET_KEY."""
    return _keys().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Return the text again; SECRET_KEY_FALLBACKS are tried, too. Raises `CannotUnsealError`."""
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise CannotUnsealError from None


def _keys() -> MultiFernet:
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([_key(secret) for secret in secrets])


@cache
def _key(secret: str) -> Fernet:
    """Return a key for this purpose alone, from which the secret can't be worked out."""
    derived = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=PURPOSE)
    return Fernet(urlsafe_b64encode(derived.derive(secret.encode())))
