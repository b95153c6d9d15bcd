"""Orders, claims and their stories."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from accounts.models import CreditAccount, CreditTransfer
from claims.models import Claim, Event, Evidence, Message, Order, Replacement

FEWEST_DIGITS = 3
"""Fewer are in nearly every phone number."""


def due_for_return(*, now: datetime) -> QuerySet[Order]:
    """Orders whose price goes back by itself: no SMS, and cancelled or past the allotted time."""
    cancelled = Q(activation__in=[Order.Activation.CANCELLED, Order.Activation.TIMED_OUT])
    return Order.objects.filter(
        cancelled | Q(allotted_until__lte=now),
        product=Order.Product.NUMBER,
        sms_received_at__isnull=True,
        completed_at__isnull=True,
        returned_at__isnull=True,
        replaced_at__isnull=True,
    )


def due_among(orders: Iterable[Order], *, now: datetime) -> set[int]:
    """The ids of those orders whose price goes back by itself."""
    due = due_for_return(now=now).filter(pk__in=[order.pk for order in orders])
    return set(due.values_list("pk", flat=True))


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


def orders_like(text: str, *, prefix: str = "") -> Q:
    """Orders by a part of the shop's id or of the phone number.

    `prefix` leads to the order from what is searched, such as `order__`.
    """
    by_id = Q((f"{prefix}shop_id__icontains", text.strip()))
    return by_id | phones_like(text, prefix=f"{prefix}number__")


def phones_like(text: str, *, prefix: str = "") -> Q:
    """Numbers by a part of the phone number in any spelling; none when it can't be one."""
    found = Q(pk__in=[])
    for digits in digits_of(text):
        found |= Q((f"{prefix}phone__contains", digits))
    return found


def digits_of(text: str) -> set[str]:
    """The digits of a phone number, or of a part of it, however it is written.

    With leading zeros and without: 0049 and 0 stand before a number only on a keypad, but the last
    digits may begin with one. Empty for what can't be a number: with letters it is an id or an
    address.
    """
    if any(character.isalpha() for character in text):
        return set()
    decimals = (character for character in text.replace("(0)", "") if character.isdecimal())
    digits = "".join(str(int(decimal)) for decimal in decimals)
    return {part for part in (digits, digits.lstrip("0")) if len(part) >= FEWEST_DIGITS}


def claims_with_orders(claims: QuerySet[Claim]) -> QuerySet[Claim]:
    """These claims, newest first, with all that a list shows of them.

    `is_requested` then answers without a query.
    """
    requested = Replacement.objects.filter(claim=OuterRef("pk"), state=Replacement.State.REQUESTED)
    found = claims.select_related("order__number").annotate(requested=Exists(requested))
    return found.order_by("-filed_at", "-pk")


def is_requested(claim: Claim) -> bool:
    """Whether the shop was asked for a replacement, of one of `claims_with_orders`."""
    return bool(getattr(claim, "requested"))  # noqa: B009  # put there by the annotation


def evidence_of(claim: Claim) -> QuerySet[Evidence]:
    """What a claim shows, with what was made of it."""
    return claim.evidence.select_related("upload").prefetch_related("upload__renditions")


def story_of(claim: Claim) -> QuerySet[Event]:
    """What has happened to a claim, oldest first, as far as it concerns its customer."""
    return claim.events.exclude(kind__in=Event.INTERNAL)


def messages_of(claim: Claim) -> QuerySet[Message]:
    """What customer and staff wrote each other, oldest first."""
    return claim.messages.select_related("author")


def transfers_of(accounts: QuerySet[CreditAccount]) -> QuerySet[CreditTransfer]:
    """What went into and out of these accounts, newest first, with the decision behind it."""
    mine = list(accounts.values_list("pk", flat=True))
    return (
        CreditTransfer.objects.filter(Q(debit__in=mine) | Q(credit__in=mine))
        .select_related("debit", "decision__claim", "acknowledgement")
        .order_by("-made_at", "-pk")
    )


def newer_than(
    transfer: CreditTransfer, transfers: QuerySet[CreditTransfer]
) -> QuerySet[CreditTransfer]:
    """Those that `transfers_of` lists above this one."""
    same_time = Q(made_at=transfer.made_at, pk__gt=transfer.pk)
    return transfers.filter(Q(made_at__gt=transfer.made_at) | same_time)
