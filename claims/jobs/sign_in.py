"""Jobs that send the mails of the sign-in pages."""

from django.utils import timezone
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from accounts import sign_in_outbox
from claims.jobs.queues import Queue
from claims.queries.core.clock import database_now

QUICK_TRIES = 20
"""The tries that the lifetime of a code has room for."""
LONGEST_WAIT = 60  # seconds
LATER_WAIT = 600  # seconds


class UntilItExpires(BaseRetryStrategy):
    """A retry strategy for mails that somebody waits for; the action ends it.

    Tries again after 5, 10, 20, 40 and then 60 seconds, so a mail server that asks for five minutes
    (greylisting) gets the code in time. After `QUICK_TRIES`, when codes have expired, it tries
    mails with links every ten minutes.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        return RetryDecision(retry_in={"seconds": seconds_to_wait(job.attempts)})


def seconds_to_wait(attempts: int) -> int:
    """Return the seconds before the next try, after `attempts` earlier tries."""
    if attempts >= QUICK_TRIES:
        return LATER_WAIT
    return min(5 << min(attempts, 4), LONGEST_WAIT)


@app.task(name=sign_in_outbox.SEND, queue=Queue.SIGN_IN, retry=UntilItExpires())
def send_sign_in_mail(mail_id: int) -> None:
    """Send one mail of the sign-in pages."""
    sign_in_outbox.send_mail(mail_id=mail_id, clock=timezone.now)


@app.periodic(cron="* * * * *")
@app.task(name="claims.erase_sign_in_mails", queue=Queue.TIME, queueing_lock="erase_sign_in_mails")
def erase_sign_in_mails(timestamp: int) -> None:
    """Erase expired mails of the sign-in pages, and forget old ones, every minute."""
    now = database_now()
    sign_in_outbox.erase_expired(now=now)
    sign_in_outbox.forget_old(now=now)
