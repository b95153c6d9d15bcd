"""What people type into a search box, and what it means."""

import re

from django.db.models import Q

# A phone number as anyone writes it: digits, and what people put between them.
PHONE = re.compile(r"\+?[\d\s()./\-]+")
FEWEST_DIGITS = 4


def in_digits(text: str) -> str:
    """The digits of a phone number, whatever its spelling; empty when the text isn't one.

    The prefix for calling abroad (00) goes, and so does the zero of a national number.
    """
    if not PHONE.fullmatch(text.strip()):
        return ""
    digits = re.sub(r"\D", "", text.replace("(0)", "")).lstrip("0")
    return digits if len(digits) >= FEWEST_DIGITS else ""


def claims_like(text: str) -> Q:
    """Claims by code, by the shop's order id, by the customer's email or by phone."""
    return Q(code__icontains=text.strip()) | orders_like(text, prefix="order__")


def orders_like(text: str, *, prefix: str = "") -> Q:
    """Orders by the shop's id, by the customer's email or by phone."""
    term = text.strip()
    digits = in_digits(term)
    found = Q((f"{prefix}shop_id__icontains", term)) | Q(
        (f"{prefix}customer__email__icontains", term)
    )
    return found | Q((f"{prefix}number__phone__contains", digits)) if digits else found
