"""Reads that span tables."""

from claims.queries.customers import CustomerRecord, Returned, record_of
from claims.queries.desk import free_claims
from claims.queries.duplicates import Duplicate, duplicates_of
from claims.queries.incidents import (
    Group,
    Hour,
    Result,
    claims_of_group,
    newest_events,
    open_groups,
    results_of,
    with_their_state,
)
from claims.queries.orders import (
    FEWEST_DIGITS,
    claims_with_orders,
    digits_of,
    due_among,
    due_for_return,
    evidence_of,
    messages_of,
    newer_than,
    newest_claim,
    newest_of,
    orders_like,
    orders_with_claims,
    phones_like,
    story_of,
    transfers_of,
)

__all__ = [
    "FEWEST_DIGITS",
    "CustomerRecord",
    "Duplicate",
    "Group",
    "Hour",
    "Result",
    "Returned",
    "claims_of_group",
    "claims_with_orders",
    "digits_of",
    "due_among",
    "due_for_return",
    "duplicates_of",
    "evidence_of",
    "free_claims",
    "messages_of",
    "newer_than",
    "newest_claim",
    "newest_events",
    "newest_of",
    "open_groups",
    "orders_like",
    "orders_with_claims",
    "phones_like",
    "record_of",
    "results_of",
    "story_of",
    "transfers_of",
    "with_their_state",
]
