"""The times since when the oldest piece of each kind of work waits, for those who watch."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Min, QuerySet

from accounts.models import SignInMail
from claims.models import Acknowledgement, Heartbeat, Notice, Upload, Webhook

# A job that was put off counts from the time to which it was put off.
DUE_JOBS = """
SELECT queue_name, min(coalesce(scheduled_at, (
           SELECT min(at) FROM procrastinate_events
            WHERE job_id = procrastinate_jobs.id AND type = 'deferred')))
  FROM procrastinate_jobs
 WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= %(now)s)
 GROUP BY queue_name
"""
# A worker that is killed sends no more heartbeats of its own, though its jobs seem to run on.
RUNNING_JOBS = """
SELECT queue_name, min(begun.at)
  FROM procrastinate_jobs
  JOIN procrastinate_workers AS worker ON worker.id = worker_id
 CROSS JOIN LATERAL (SELECT max(at) AS at FROM procrastinate_events
                      WHERE job_id = procrastinate_jobs.id AND type = 'started') AS begun
 WHERE status = 'doing' AND worker.last_heartbeat > %(now)s - make_interval(secs => 60)
 GROUP BY queue_name
"""


def newest_heartbeats() -> dict[str, datetime]:
    """Return the time of each queue's newest heartbeat; a queue that never had one is missing."""
    return dict(Heartbeat.objects.values_list("queue", "at"))


def oldest_due_jobs(*, now: datetime) -> dict[str, datetime]:
    """Return, for each queue with due jobs, the time since when the oldest one is due."""
    return _times_by_queue(DUE_JOBS, now)


def oldest_running_jobs(*, now: datetime) -> dict[str, datetime]:
    """Return, for each queue in which a living worker runs jobs, when the oldest one began."""
    return _times_by_queue(RUNNING_JOBS, now)


def oldest_waiting() -> dict[str, datetime | None]:
    """Return when the oldest piece of each kind of work began to wait; None if none does."""
    waiting_mails = Notice.objects.filter(state__in=[Notice.State.WAITING, Notice.State.SENDING])
    sign_in_mails = SignInMail.objects.filter(state=SignInMail.State.WAITING)
    webhooks = Webhook.objects.filter(state=Webhook.State.WAITING)
    returns = Acknowledgement.objects.filter(state=Acknowledgement.State.PENDING)
    return {
        "inspection": _oldest(Upload.objects.filter(state=Upload.State.WAITING), "received_at"),
        "mail": _oldest(waiting_mails, "made_at"),
        "sign_in_mail": _oldest(sign_in_mails, "made_at"),
        "webhook": _oldest(webhooks, "at"),
        "return": _oldest(returns, "returned_at"),
    }


def _times_by_queue(query: str, now: datetime) -> dict[str, datetime]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"now": now})
        return dict(cursor.fetchall())


def _oldest(waiting: QuerySet[Any], since: str) -> datetime | None:
    found: datetime | None = waiting.order_by().aggregate(oldest=Min(since))["oldest"]
    return found
