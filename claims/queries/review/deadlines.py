"""Claims on which an act of the clock is due, the earliest deadline first."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from claims.models import Claim, Event, Lease, Offer, Replacement


def to_be_reminded(*, now: datetime) -> QuerySet[Claim]:
    """Return claims whose customers were asked a while ago and not reminded since."""
    reminded_by = now - timedelta(days=settings.REMIND_DAYS)
    return _waiting().filter(asked_at__lte=reminded_by, reminded_at__isnull=True)


def to_be_given_up(*, now: datetime) -> QuerySet[Claim]:
    """Return claims whose customers haven't answered in time, and that no reviewer holds.

    The customer has had the full time after the reminder, too, however late that was.
    """
    given_up_by = now - timedelta(days=settings.GIVE_UP_DAYS)
    reminded_by = now - timedelta(days=settings.GIVE_UP_DAYS - settings.REMIND_DAYS)
    held = Lease.objects.live(now=now).filter(claim=OuterRef("pk"))
    return _waiting().filter(~Exists(held), asked_at__lte=given_up_by, reminded_at__lte=reminded_by)


def to_be_remedied(*, now: datetime) -> QuerySet[Claim]:
    """Return defects whose time to resolve is over, and whose customers don't know it yet."""
    told = Event.objects.filter(
        claim=OuterRef("pk"),
        kind__in=[Event.Kind.REMEDY_DUE, Event.Kind.NOT_REPAIRABLE],
        at__gte=OuterRef("due_at"),
    )
    open_ones = Claim.objects.filter(status__in=Claim.OPEN, kind=Claim.Kind.MAJOR_DEFECT)
    return open_ones.filter(~Exists(told), due_at__lte=now).order_by("due_at", "pk")


def overdue(*, now: datetime) -> QuerySet[Claim]:
    """Return overdue claims that wait for reviewers, the longest overdue first."""
    theirs = [Claim.Status.SUBMITTED, Claim.Status.REPAIRING]
    return Claim.objects.filter(status__in=theirs, due_at__lte=now).order_by("due_at", "pk")


def to_lapse(*, now: datetime) -> QuerySet[Claim]:
    """Return claims whose customers didn't answer the offer of a replacement in time."""
    # A claim has at most one open offer, so no claim is found twice.
    offered = Claim.objects.filter(
        offers__choice=Offer.Choice.OPEN, offers__answer_by__lte=now, status=Claim.Status.OFFERED
    )
    return offered.order_by("offers__answer_by", "pk")


def to_go_without(*, now: datetime) -> QuerySet[Claim]:
    """Return claims for whose replacement the shop hasn't answered in time."""
    requested = Claim.objects.filter(
        replacements__state=Replacement.State.REQUESTED,
        replacements__answer_by__lte=now,
        status=Claim.Status.OFFERED,
    )
    return requested.order_by("replacements__answer_by", "pk")


def _waiting() -> QuerySet[Claim]:
    waiting = Claim.objects.filter(status=Claim.Status.WAITING_CUSTOMER)
    return waiting.order_by("asked_at", "pk")
