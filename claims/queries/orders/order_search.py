"""Orders by a part of their id or phone number."""

from django.db.models import Q

FEWEST_DIGITS = 3
"""Fewer are in nearly every phone number."""


def orders_like(text: str, *, prefix: str = "") -> Q:
    """Orders by a part of the shop's id or of the phone number.

    `prefix` leads to the order from what is searched, such as `order__`.
    """
    by_id = Q((f"{prefix}shop_id__icontains", text.strip()))
    return by_id | phones_like(text, prefix=f"{prefix}number__")


def phones_like(text: str, *, prefix: str = "") -> Q:
    """Numbers by a part of the phone number in any spelling; none when it can't be one."""
    found = Q(pk__in=[])
    for digits in digits_of(text):
        found |= Q((f"{prefix}phone__contains", digits))
    return found


def digits_of(text: str) -> set[str]:
    """The digits of a phone number, or of a part of it, however it is written.

    With leading zeros and without: 0049 and 0 stand before a number only on a keypad, but the last
    digits may begin with one. Empty for what can't be a number: with letters it is an id or an
    address.
    """
    if any(character.isalpha() for character in text):
        return set()
    decimals = (character for character in text.replace("(0)", "") if character.isdecimal())
    digits = "".join(str(int(decimal)) for decimal in decimals)
    return {part for part in (digits, digits.lstrip("0")) if len(part) >= FEWEST_DIGITS}
