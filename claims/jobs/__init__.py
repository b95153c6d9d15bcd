"""The tasks of workers. Each task calls one action, and passes it the time or a clock."""

from claims.jobs import heartbeats, notices, orders, review, shop, sign_in, upkeep, uploads

__all__ = [
    "heartbeats",
    "notices",
    "orders",
    "review",
    "shop",
    "sign_in",
    "upkeep",
    "uploads",
]
