"""What staff type into the search box above the orders, and what it means."""

from django.db.models import Q

from claims import queries


def orders_like(text: str, *, prefix: str = "") -> Q:
    """Orders by the shop's id, by phone or by the customer's email."""
    email = Q((f"{prefix}customer__email__icontains", text.strip()))
    return queries.orders_like(text, prefix=prefix) | email
