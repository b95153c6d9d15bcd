"""A real worker sends the mails of the sign-in pages, and tries again until they expire."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts import sign_in_outbox
from accounts.models import SignInMail
from accounts.sign_in_outbox import CODE_LIVES
from claims.jobs.queues import Queue
from claims.jobs.sign_in import QUICK_TRIES, erase_sign_in_mails, seconds_to_wait
from tests.accounts.pages import code_of, signed_in_as
from tests.claims.test_jobs import data_dir, wait_for
from tests.mail_server import running_mail_server
from tests.makers import make_user
from tests.processes import wait_until, worker

__all__ = ["data_dir"]

CODE, CONFIRM = reverse("account_request_login_code"), reverse("account_confirm_login_code")


def test_a_code_comes_after_greylisting_and_stands_in_no_log(real_commits, data_dir):
    ann = make_user("ann@example.com")
    visitor = Client()
    with running_mail_server() as server:
        server.mood, server.code = "rcpt", 450
        with worker(data_dir, EMAIL_URL=f"smtp://127.0.0.1:{server.port}"):
            visitor.post(CODE, {"email": ann.email})
            wait_for(SignInMail.objects.filter(problem="SMTPRecipientsRefused 450").exists)
            server.mood = "kind"
            wait_until(lambda: server.mails)
            wait_for(SignInMail.objects.filter(state="sent").exists)

    code = code_of(server.mails[0].get_content())
    visitor.post(CONFIRM, {"code": code})
    assert signed_in_as(visitor) == str(ann.pk)
    log = (data_dir / "worker.log").read_text()
    assert "SMTPRecipientsRefused 450" in log
    assert code not in log
    assert ann.email not in log
    job = ProcrastinateJob.objects.get(task_name=sign_in_outbox.SEND)
    assert (job.queue_name, set(job.args)) == (Queue.SIGN_IN, {"mail_id", "request_id"})


def test_a_server_that_asks_for_five_minutes_gets_the_code_in_time():
    tries, elapsed = [], 0
    for attempts in range(QUICK_TRIES):
        elapsed += seconds_to_wait(attempts)
        tries.append(elapsed)
    assert seconds_to_wait(0) == 5
    assert [seconds for seconds in tries if 300 <= seconds <= 360]
    assert elapsed >= CODE_LIVES.total_seconds()
    assert seconds_to_wait(QUICK_TRIES) == 600


@pytest.mark.django_db
def test_a_sweep_erases_what_has_expired_and_leaves_what_waits():
    now = timezone.now()
    mail = EmailMessage("Hello", "    ABCDEF", "us@example.com", ["ann@example.com"])
    late = sign_in_outbox.put_mail("login_code", mail, now=now - CODE_LIVES)
    early = sign_in_outbox.put_mail("login_code", mail, now=now)
    old = sign_in_outbox.put_mail("login_code", mail, now=now - timedelta(days=3))
    assert late
    assert early
    assert old

    erase_sign_in_mails(timestamp=0)

    states = dict(SignInMail.objects.values_list("pk", "state"))
    assert states == {late.pk: "expired", early.pk: "waiting"}
    assert SignInMail.objects.get(pk=late.pk).sealed == ""
