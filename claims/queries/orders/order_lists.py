"""Orders and claims with all that a list shows of them."""

from django.db.models import Prefetch, QuerySet

from claims.models import Claim, Order


def orders_with_claims(orders: QuerySet[Order]) -> QuerySet[Order]:
    """These orders with all that a list shows of them.

    `newest_of` then answers without a query.
    """
    newest = Claim.objects.order_by("-filed_at", "-pk")[:1]
    shown = ("number", "policy_version", "return_transfer", "acknowledgement")
    linked = ("replaces", "replacement_order")
    return orders.select_related(*shown, *linked).prefetch_related(
        Prefetch("claims", queryset=newest, to_attr="newest_claims")
    )


def newest_of(order: Order) -> Claim | None:
    """The newest claim on one of `orders_with_claims`."""
    claims: list[Claim] = getattr(order, "newest_claims")  # noqa: B009  # put there by the prefetch
    return claims[0] if claims else None


def newest_claim(order: Order) -> Claim | None:
    """The newest claim on an order; one that is open is the newest."""
    return order.claims.order_by("-filed_at", "-pk").first()
