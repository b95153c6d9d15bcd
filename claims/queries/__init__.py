"""Reads that span tables."""

from claims.queries.customer.balances import Balance, balances_of
from claims.queries.customer.claim_lists import (
    claims_with_orders,
    evidence_of,
    is_requested,
    messages_of,
    story_of,
)
from claims.queries.customer.transfers import newer_than, transfers_of
from claims.queries.orders.due_returns import due_among, due_for_return
from claims.queries.orders.order_lists import (
    newest_claim,
    newest_of,
    orders_with_claims,
)
from claims.queries.orders.order_search import (
    FEWEST_DIGITS,
    digits_of,
    orders_like,
    phones_like,
)
from claims.queries.review.customer_record import CustomerRecord, Returned, record_of
from claims.queries.review.deadlines import (
    overdue,
    to_be_given_up,
    to_be_remedied,
    to_be_reminded,
    to_go_without,
    to_lapse,
)
from claims.queries.review.figures import Figures, count_figures, next_due, service_figures, work_of
from claims.queries.review.free_claims import free_claims, judged_among
from claims.queries.review.incidents import (
    ClaimGroup,
    Hour,
    Result,
    claims_of_group,
    newest_events,
    open_groups,
    results_of,
    with_their_state,
)
from claims.queries.shop.open_items import (
    UnappliedEvents,
    dead_webhooks,
    open_returns,
    unapplied_events,
)
from claims.queries.uploads.duplicates import Duplicate, duplicates_of

__all__ = [
    "FEWEST_DIGITS",
    "Balance",
    "ClaimGroup",
    "CustomerRecord",
    "Duplicate",
    "Figures",
    "Hour",
    "Result",
    "Returned",
    "UnappliedEvents",
    "balances_of",
    "claims_of_group",
    "claims_with_orders",
    "count_figures",
    "dead_webhooks",
    "digits_of",
    "due_among",
    "due_for_return",
    "duplicates_of",
    "evidence_of",
    "free_claims",
    "is_requested",
    "judged_among",
    "messages_of",
    "newer_than",
    "newest_claim",
    "newest_events",
    "newest_of",
    "next_due",
    "open_groups",
    "open_returns",
    "orders_like",
    "orders_with_claims",
    "overdue",
    "phones_like",
    "record_of",
    "results_of",
    "service_figures",
    "story_of",
    "to_be_given_up",
    "to_be_remedied",
    "to_be_reminded",
    "to_go_without",
    "to_lapse",
    "transfers_of",
    "unapplied_events",
    "with_their_state",
    "work_of",
]
