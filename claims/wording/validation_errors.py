"""The messages of errors, problem by problem or in one text."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError


def each_in(error: ValidationError) -> list[ValidationError]:
    """Return every single problem of an error, whether it names fields or not."""
    if hasattr(error, "error_dict"):
        return [single for singles in error.error_dict.values() for single in singles]
    return list(error.error_list)


def text_of(error: ValidationError | PermissionDenied) -> str:
    """Return all messages of an error in one text."""
    if isinstance(error, PermissionDenied):
        return str(error)
    return " ".join(error.messages)
