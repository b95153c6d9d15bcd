"""Claims for the lists and pages of their customer."""

from django.db.models import Exists, OuterRef, QuerySet

from claims.models import Claim, Event, Evidence, Message, Replacement


def claims_with_orders(claims: QuerySet[Claim]) -> QuerySet[Claim]:
    """Return these claims, newest first, with everything that a list shows.

    `is_requested` then answers without a query.
    """
    requested = Replacement.objects.requested().filter(claim=OuterRef("pk"))
    found = claims.select_related("order__number").annotate(requested=Exists(requested))
    return found.order_by("-filed_at", "-pk")


def is_requested(claim: Claim) -> bool:
    """Return whether we asked the shop for a replacement of a claim in `claims_with_orders`."""
    return bool(getattr(claim, "requested"))  # noqa: B009  # put there by the annotation


def evidence_of(claim: Claim) -> QuerySet[Evidence]:
    """Return the claim's evidence with its renditions."""
    return claim.evidence.select_related("upload").prefetch_related("upload__renditions")


def story_of(claim: Claim) -> QuerySet[Event]:
    """Return the events of a claim that its customer may see, oldest first."""
    return claim.events.exclude(kind__in=Event.INTERNAL)


def messages_of(claim: Claim) -> QuerySet[Message]:
    """Return the messages between customer and staff, oldest first."""
    return claim.messages.select_related("author")
