"""Phone numbers in E.164."""

from __future__ import annotations

import phonenumbers
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

E164 = r"^\+[1-9][0-9]{6,14}$"


def to_e164(text: str) -> str:
    """Return the number in E.164. Raises `ValidationError` if it isn't an international number."""
    try:
        parsed = phonenumbers.parse(text.strip(), None)
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or not phonenumbers.is_possible_number(parsed):
        raise ValidationError(
            _("“%(text)s” is not an international phone number. Write it like +4915112345678."),
            code="phone",
            params={"text": text},
        )
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def validate_e164(text: str) -> None:
    """Raise `ValidationError` unless the text is exactly an E.164 number."""
    if to_e164(text) != text:
        raise ValidationError(
            _("Write the number as %(wanted)s."), code="phone", params={"wanted": to_e164(text)}
        )
