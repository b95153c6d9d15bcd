"""Workers that race for one notice, or die while they send it: its mail goes out once at most."""

from __future__ import annotations

import signal
import threading

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from claims.actions.notices import delivery
from claims.models import Notice
from tests.claims.test_jobs import data_dir, wait_for
from tests.claims.test_kills import take_up_again
from tests.concurrency.racing import errors, race
from tests.makers import make_claim, make_order
from tests.processes import PATIENCE, running, worker

__all__ = ["data_dir"]

JOBS = ProcrastinateJob.objects.filter(task_name="claims.tell_customer")
# The final state of the notice, and the number of mails that the server has of it.
POINTS = {
    "when it has claimed the job": ("sent", 1),
    "before it is committed that it begins": ("sent", 1),
    "before it asks the mail server": ("unsure", 0),
    "after the mail server has it": ("unsure", 1),
    "before it is committed that it is sent": ("unsure", 1),
    "before the job is done": ("sent", 1),
}


@pytest.fixture
def notice(real_commits, ann) -> Notice:
    return Notice.objects.get(event__claim=make_claim(make_order(ann)))


def sending_once(notice):
    return lambda: delivery.send_notice(event_id=notice.event_id, clock=timezone.now)


def test_workers_that_race_for_one_notice_send_one_mail(notice, server):
    outcomes = race(*[sending_once(notice)] * 6)

    assert errors(outcomes) == []
    notice.refresh_from_db()
    assert (notice.state, len(server.mails)) == ("sent", 1)


def test_pressed_by_many_at_once_it_is_sent_again_once(notice, server, sue):
    server.mood = "rcpt"
    sending_once(notice)()
    server.mood = "kind"

    outcomes = race(*[lambda: delivery.resend(notice_id=notice.pk, by=sue)] * 4)

    refused = errors(outcomes)
    assert len(refused) == 3
    assert all(isinstance(error, ValidationError) for error in refused)
    race(*[sending_once(notice)] * 3)
    assert len(server.mails) == 1


def test_without_the_lock_a_mail_goes_out_twice(notice, server, monkeypatch):
    def unlocked(event_id, *, now):
        found = Notice.objects.select_related("event__claim__order__customer").get(event=event_id)
        if found.state != "waiting":
            return None
        together.wait(timeout=PATIENCE)
        found.begin(address="ann@example.com", at=now)
        return found

    together = threading.Barrier(2)
    monkeypatch.setattr(delivery, "_begin", unlocked)

    race(*[sending_once(notice)] * 2)

    assert len(server.mails) == 2


def test_killed_anywhere_a_mail_is_sent_once_at_most_and_a_doubt_is_seen(
    real_commits, data_dir, server, ann
):
    mail_url, log = f"smtp://127.0.0.1:{server.port}", data_dir / "killed.log"
    notices = {}
    for point in POINTS:
        # With an SMS; otherwise the worker's sweep returns the price and sends a mail about that,
        # too.
        claim = make_claim(make_order(ann, sms=True), kind="major_defect")
        notices[point] = Notice.objects.get(event__claim=claim)
        arguments = ["-m", "tests.dying_mail", point]
        with running(arguments, data_dir, log, EMAIL_URL=mail_url) as process:
            assert process.wait(timeout=PATIENCE) == -signal.SIGKILL, log.read_text()
        assert JOBS.get(args__event_id=notices[point].event_id).status == "doing", point

    take_up_again()
    with worker(data_dir, EMAIL_URL=mail_url):
        wait_for(lambda: JOBS.filter(status="succeeded").count() == len(POINTS))

    ends = {}
    for point, notice in notices.items():
        notice.refresh_from_db()
        mails = [mail for mail in server.mails if mail["Message-ID"] == notice.message_id]
        ends[point] = (notice.state, len(mails))
    assert ends == POINTS
