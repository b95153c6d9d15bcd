"""Sums over whole tables, for the page of metrics. A million rows take a part of a second."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from django.db.models import Count, Sum
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import CreditTransfer
from claims.models import Claim, JobCount, Notice, Webhook

BACK = (CreditTransfer.Kind.RETURN, CreditTransfer.Kind.GOODWILL)


def claims_by_status() -> dict[str, int]:
    counted = Claim.objects.order_by().values_list("status").annotate(count=Count("pk"))
    return dict.fromkeys(Claim.Status.values, 0) | dict(counted)


def credit_returned() -> Iterator[tuple[str, str, int, Decimal]]:
    """Yield the kind, the currency, the number and the sum of what went back to customers."""
    back = CreditTransfer.objects.filter(kind__in=BACK).order_by()
    yield from back.values_list("kind", "currency").annotate(count=Count("pk"), sum=Sum("amount"))


def webhooks_by_state() -> dict[str, int]:
    counted = Webhook.objects.order_by().values_list("state").annotate(count=Count("pk"))
    return dict.fromkeys(Webhook.State.values, 0) | dict(counted)


def notices_by_state() -> dict[str, int]:
    counted = Notice.objects.order_by().values_list("state").annotate(count=Count("pk"))
    return dict.fromkeys(Notice.State.values, 0) | dict(counted)


def unfinished_jobs() -> Iterator[tuple[str, str, int]]:
    """Yield the queue, the status and the number of the jobs that didn't succeed (yet)."""
    jobs = ProcrastinateJob.objects.filter(status__in=["todo", "doing", "failed", "aborted"])
    yield from jobs.order_by().values_list("queue_name", "status").annotate(count=Count("pk"))


def job_counts() -> list[JobCount]:
    return list(JobCount.objects.order_by("task", "queue", "outcome", "bucket"))
