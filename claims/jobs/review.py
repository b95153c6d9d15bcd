"""Jobs on claims under review, and on customers who become one."""

import logging

from django.core.exceptions import ValidationError
from django.utils import timezone
from procrastinate.contrib.django import app

from claims import queries
from claims.actions.review import (
    customer_merges,
    deadlines,
    incidents,
    offers,
    replacements,
)
from claims.jobs.queues import Queue
from claims.jobs.upkeep import UntilItIsBack
from claims.queries.core.clock import database_now

log = logging.getLogger(__name__)

MOST_A_MINUTE = 1000  # claims for each kind of step in one sweep


@app.task(name=incidents.WORK_OFF, queue=Queue.REVIEW, retry=UntilItIsBack())
def work_off_incident(incident_id: int) -> None:
    """Decide each claim of an incident. After a failure, the next try goes on where it was."""
    incidents.work_off(incident_id=incident_id, clock=timezone.now)


@app.periodic(cron="* * * * *")
@app.task(name="claims.keep_time", queue=Queue.TIME, queueing_lock="keep_time")
def keep_time(timestamp: int) -> None:
    """Take the steps of claims that are due because time has passed, every minute.

    A claim that fails holds up no other. At the end, an `ExceptionGroup` has all failures.
    """
    now = database_now()
    failures: list[Exception] = []
    for found, act in (
        (queries.to_be_reminded(now=now), deadlines.remind),
        (queries.to_be_given_up(now=now), deadlines.give_up),
        (queries.to_be_remedied(now=now), deadlines.say_remedy_is_due),
        (queries.to_lapse(now=now), offers.let_lapse),
        (queries.to_go_without(now=now), replacements.let_request_lapse),
    ):
        for claim_id in found.values_list("pk", flat=True)[:MOST_A_MINUTE]:
            try:
                act(claim_id=claim_id, now=now)
            except Exception as failure:  # noqa: BLE001  # raised below, with all others
                failures.append(failure)
    if failures:
        raise ExceptionGroup("Time wasn't kept for some claims.", failures)


@app.periodic(cron="*/10 * * * *")
@app.task(name="claims.complete_merges", queue=Queue.TIME, queueing_lock="complete_merges")
def complete_merges(timestamp: int) -> None:
    """Make the customers one who had a day to object, every ten minutes.

    A merge that is refused holds up no other. It is tried again until a person cancels it.
    """
    for merge_id in customer_merges.due_merges(now=database_now()):
        try:
            customer_merges.complete_merge(merge_id=merge_id, now=database_now())
        except ValidationError as refusal:
            log.warning("Merge %s isn't done: %s", merge_id, " ".join(refusal.messages))
