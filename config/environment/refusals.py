"""How settings that can't be are refused."""

from django.core.exceptions import ImproperlyConfigured


def refuse_if(wrong: object, message: str) -> None:
    """Raise `ImproperlyConfigured` with a message that says what to set instead."""
    if wrong:
        raise ImproperlyConfigured(message)
