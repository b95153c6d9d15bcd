"""The refusal of impossible settings."""

from django.core.exceptions import ImproperlyConfigured


def refuse_if(wrong: object, message: str) -> None:
    """Raise `ImproperlyConfigured` with a message that says what to set instead."""
    if wrong:
        raise ImproperlyConfigured(message)
