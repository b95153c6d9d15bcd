"""What workers do. Each task calls one action; the clock is asked here."""

from claims.jobs import notices, orders, review, shop, upkeep, uploads

__all__ = ["notices", "orders", "review", "shop", "upkeep", "uploads"]
