"""What a `ValidationError` says, problem by problem."""

from __future__ import annotations

from django.core.exceptions import ValidationError


def each_in(error: ValidationError) -> list[ValidationError]:
    """Every single problem in an error, whether it names fields or not."""
    if hasattr(error, "error_dict"):
        return [single for singles in error.error_dict.values() for single in singles]
    return list(error.error_list)
