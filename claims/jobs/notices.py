"""Jobs that send mails."""

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from claims.actions.core import notice_outbox
from claims.actions.notices import delivery, merge_mail, staff_mail
from claims.jobs.queues import Queue
from claims.queries.core.clock import database_now


@app.task(
    name=notice_outbox.TELL_CUSTOMER, queue=Queue.MAIL, retry=RetryStrategy(exponential_wait=4)
)
def tell_customer(event_id: int) -> None:
    """Mail the customer about one event of a claim. The action says when to give up."""
    delivery.send_notice(event_id=event_id, clock=timezone.now)


@app.task(
    name=notice_outbox.TELL_STAFF,
    queue=Queue.MAIL,
    retry=RetryStrategy(max_attempts=8, exponential_wait=4),
)
def tell_staff(event_id: int) -> None:
    """Mail the staff who have to act on one event of a claim."""
    staff_mail.mail_staff(event_id=event_id)


@app.task(
    name=notice_outbox.MAIL_MERGE,
    queue=Queue.MAIL,
    retry=RetryStrategy(max_attempts=8, exponential_wait=4),
)
def mail_merge(merge_id: int, user_id: int) -> None:
    """Mail one customer about a merge with another one."""
    merge_mail.mail_about_merge(merge_id=merge_id, user_id=user_id, now=database_now())


@app.periodic(cron="0 6 * * *")
@app.task(name="claims.mail_digest", queue=Queue.MAIL, queueing_lock="mail_digest")
def mail_digest(timestamp: int) -> None:
    """Mail the Supervisors their digest, every day at 6:00 UTC."""
    staff_mail.mail_digest(now=database_now())
