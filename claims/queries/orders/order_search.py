"""Orders by a part of their id or phone number."""

from django.db.models import Q

FEWEST_DIGITS = 3
"""The fewest digits to search for; nearly every phone number contains fewer."""


def orders_like(text: str, *, prefix: str = "") -> Q:
    """Return the condition for orders by a part of the shop's id or of the phone number.

    `prefix` leads to the order from what is searched, such as `order__`.
    """
    by_id = Q((f"{prefix}shop_id__icontains", text.strip()))
    return by_id | phones_like(text, prefix=f"{prefix}number__")


def phones_like(text: str, *, prefix: str = "") -> Q:
    """Return the condition for numbers by a part of the phone number, in any spelling.

    A number that isn't in E.164 is found by a part of what was sent.
    """
    found = Q(pk__in=[])
    if text.strip():
        sent = f"{prefix}phone_sent__icontains"
        found |= Q((f"{prefix}phone", ""), (sent, text.strip()))
    for digits in digits_of(text):
        found |= Q((f"{prefix}phone__contains", digits))
    return found


def digits_of(text: str) -> set[str]:
    """Return the digits of a phone number, or of a part of it, in any spelling.

    The set has them with leading zeros and without: 0049 and 0 are only dialled before a number,
    but the last digits may begin with a zero. It is empty for a text with letters, which is an id
    or an address.
    """
    if any(character.isalpha() for character in text):
        return set()
    decimals = (character for character in text.replace("(0)", "") if character.isdecimal())
    digits = "".join(str(int(decimal)) for decimal in decimals)
    return {part for part in (digits, digits.lstrip("0")) if len(part) >= FEWEST_DIGITS}
