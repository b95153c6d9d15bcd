"""Claims, and what their customer reads of them."""

from django.db.models import Exists, OuterRef, QuerySet

from claims.models import Claim, Event, Evidence, Message, Replacement


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
