"""What staff type into a search box, and what it means."""

from django.db.models import Q

from claims import queries


def claims_like(text: str) -> Q:
    """Claims by code, by the shop's order id, by phone or by the customer's email."""
    return Q(code__icontains=text.strip()) | orders_like(text, prefix="order__")


def orders_like(text: str, *, prefix: str = "") -> Q:
    """Orders by the shop's id, by phone or by the customer's email."""
    email = Q((f"{prefix}customer__email__icontains", text.strip()))
    return queries.orders_like(text, prefix=prefix) | email
