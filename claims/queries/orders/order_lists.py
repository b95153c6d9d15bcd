"""Orders and their newest claims, with everything that a list shows."""

from django.db.models import Prefetch, QuerySet

from claims.models import Claim, Order


def orders_with_claims(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Return these orders with everything that a list shows.

    `newest_of` then answers without a query.
    """
    newest = Claim.objects.order_by("-filed_at", "-pk")[:1]
    shown = ("number", "policy_version", "return_transfer", "acknowledgement")
    linked = ("replaces", "replacement_order")
    return orders.select_related(*shown, *linked).prefetch_related(
        Prefetch("claims", queryset=newest, to_attr="newest_claims")
    )


def newest_of(order: Order) -> Claim | None:
    """Return the newest claim on an order from `orders_with_claims`."""
    claims: list[Claim] = getattr(order, "newest_claims")  # noqa: B009  # put there by the prefetch
    return claims[0] if claims else None


def newest_claim(order: Order) -> Claim | None:
    """Return the newest claim on an order. An open claim is always the newest."""
    return order.claims.order_by("-filed_at", "-pk").first()
