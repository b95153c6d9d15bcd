"""Claims to which something is due because time has passed, what is due first coming first."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from claims.models import Claim, Event, Lease, Offer, Replacement


def to_be_reminded(*, now: datetime) -> QuerySet[Claim]:
    """Whose customers were asked a while ago, and haven't been reminded since."""
    reminded_by = now - timedelta(days=settings.REMIND_DAYS)
    return _waiting().filter(asked_at__lte=reminded_by, reminded_at__isnull=True)


def to_be_given_up(*, now: datetime) -> QuerySet[Claim]:
    """Whose customers haven't answered in time, and which no reviewer has before them.

    Nor has any answer come since the reminder, however late that was.
    """
    given_up_by = now - timedelta(days=settings.GIVE_UP_DAYS)
    reminded_by = now - timedelta(days=settings.GIVE_UP_DAYS - settings.REMIND_DAYS)
    held = Lease.objects.live(now=now).filter(claim=OuterRef("pk"))
    return _waiting().filter(~Exists(held), asked_at__lte=given_up_by, reminded_at__lte=reminded_by)


def to_be_remedied(*, now: datetime) -> QuerySet[Claim]:
    """Defects whose time to be resolved is over, without that being told yet."""
    told = Event.objects.filter(
        claim=OuterRef("pk"),
        kind__in=[Event.Kind.REMEDY_DUE, Event.Kind.NOT_REPAIRABLE],
        at__gte=OuterRef("due_at"),
    )
    open_ones = Claim.objects.filter(status__in=Claim.OPEN, kind=Claim.Kind.MAJOR_DEFECT)
    return open_ones.filter(~Exists(told), due_at__lte=now).order_by("due_at", "pk")


def overdue(*, now: datetime) -> QuerySet[Claim]:
    """What the reviewers should have done by now, the longest overdue first."""
    theirs = [Claim.Status.SUBMITTED, Claim.Status.REPAIRING]
    return Claim.objects.filter(status__in=theirs, due_at__lte=now).order_by("due_at", "pk")


def to_lapse(*, now: datetime) -> QuerySet[Claim]:
    """Whose customers had the choice between a replacement and the price, and made none in time."""
    # A claim has one open offer, so none is found twice.
    offered = Claim.objects.filter(
        offers__choice=Offer.Choice.OPEN, offers__answer_by__lte=now, status=Claim.Status.OFFERED
    )
    return offered.order_by("offers__answer_by", "pk")


def to_go_without(*, now: datetime) -> QuerySet[Claim]:
    """Whose customers chose a replacement, for which the shop hasn't answered in time."""
    requested = Claim.objects.filter(
        replacements__state=Replacement.State.REQUESTED,
        replacements__answer_by__lte=now,
        status=Claim.Status.OFFERED,
    )
    return requested.order_by("replacements__answer_by", "pk")


def _waiting() -> QuerySet[Claim]:
    waiting = Claim.objects.filter(status=Claim.Status.WAITING_CUSTOMER)
    return waiting.order_by("asked_at", "pk")
