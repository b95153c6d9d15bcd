"""Phone numbers in E.164, read from what suppliers write."""

from __future__ import annotations

import re
from typing import Final
from unicodedata import normalize

import phonenumbers
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

E164 = r"^\+[1-9][0-9]{6,14}$"
SCHEME: Final = re.compile(r"tel:", re.IGNORECASE)
ONLY_DIGITS: Final = re.compile(r"[1-9][0-9 ().-]*")
MEXICO: Final = 52
# Until 2019, mobile numbers were dialled with a 1 after Mexico's country code.
MEXICAN_MOBILE: Final = re.compile(r"\+521([0-9]{10})")
# Numbers of these islands belong to ranges among Britain's own, and are sold as Britain's.
SOLD_AS_BRITISH: Final = ("GG", "IM", "JE")


def phone_in(sent: str) -> str:
    """Return the E.164 number that was sent, or '' if the text isn't an international number.

    The text may begin with `tel:`, with 00 or with the country code alone, and may hold blanks.
    Without + or 00, it must be a valid number: a national number must not pass for another
    country's.
    """
    text = SCHEME.sub("", normalize("NFKC", sent).strip(), count=1).strip()
    is_bare = bool(ONLY_DIGITS.fullmatch(text))
    if text.startswith("00"):
        text = f"+{text[2:].lstrip()}"
    number = _e164(f"+{text}" if is_bare else text, is_valid=is_bare)
    return number if re.fullmatch(E164, number) else ""


def _e164(text: str, *, is_valid: bool) -> str:
    """Return the E.164 number, or ''. With `is_valid`, its range must be assigned to users."""
    try:
        parsed = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return ""
    mobile = parsed.country_code == MEXICO and MEXICAN_MOBILE.fullmatch(_formatted(parsed))
    if mobile:
        parsed = phonenumbers.parse(f"+52{mobile[1]}", None)
    is_right = phonenumbers.is_valid_number if is_valid else phonenumbers.is_possible_number
    return _formatted(parsed) if is_right(parsed) else ""


def _formatted(parsed: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def is_of_another_country(phone: str, country: str) -> bool:
    """Return True if the E.164 number is known to be another country's than this one."""
    if not phone or country not in phonenumbers.SUPPORTED_REGIONS:
        return False
    region = phonenumbers.region_code_for_number(phonenumbers.parse(phone, None))
    sold_as = "GB" if country == "GB" and region in SOLD_AS_BRITISH else region
    return sold_as is not None and sold_as != country


def to_e164(text: str) -> str:
    """Return the number in E.164. Raises `ValidationError` if it isn't an international number."""
    number = _e164(text.strip(), is_valid=False)
    if not number:
        raise ValidationError(
            _("“%(text)s” is not an international phone number. Write it like +4915112345678."),
            code="phone",
            params={"text": text},
        )
    return number


def validate_e164(text: str) -> None:
    """Raise `ValidationError` unless the text is exactly an E.164 number."""
    if to_e164(text) != text:
        raise ValidationError(
            _("Write the number as %(wanted)s."), code="phone", params={"wanted": to_e164(text)}
        )
