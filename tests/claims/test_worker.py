"""The worker: what is slow outside delays nothing else, and it outlives the database."""

from __future__ import annotations

import re
import signal
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from claims.jobs.queues import SLOTS, Queue
from claims.models import Notice, Order, Upload
from tests.claims.test_jobs import data_dir, wait_for
from tests.lines import line_to, line_to_database
from tests.makers import make_claim, make_order, make_upload, make_user
from tests.media import make_screenshot
from tests.processes import PATIENCE, database_url, running, wait_until, worker
from tests.shop_server import SECRET

__all__ = ["data_dir"]

MAILS = 12


def test_every_task_has_a_queue_with_slots():
    queues = {task.queue for name, task in app.tasks.items() if name.startswith("claims.")}

    assert queues == set(Queue) == set(SLOTS)


def returned(order: Order):
    return lambda: Order.objects.filter(pk=order.pk, returned_at__isnull=False).exists()


def expired_order(customer) -> Order:
    return make_order(customer, purchased_at=timezone.now() - timedelta(hours=1))


def test_a_return_waits_for_no_server_that_hangs(real_commits, data_dir, settings):
    settings.SHOP_URL = "https://shop.example/events"
    ann = make_user("ann@example.com")
    for _ in range(MAILS):
        make_claim(make_order(ann, activation="waiting", sms=True))
    upload = make_upload(make_order(ann, sms=True), content=make_screenshot())
    with line_to(None, "silent") as nobody:
        hanging = {
            "EMAIL_URL": f"smtp://127.0.0.1:{nobody.port}",
            "SHOP_URL": f"https://127.0.0.1:{nobody.port}/events",
            "SHOP_URL_SECRETS": SECRET,
            "SHOP_URL_MAY_BE_PRIVATE": "true",
            "CLAMD_URL": f"tcp://127.0.0.1:{nobody.port}",
            "MALWARE_SCAN": "required",
        }
        with worker(data_dir, **hanging):
            doing = ProcrastinateJob.objects.filter(status="doing")
            for queue in (Queue.MAIL, Queue.INSPECTION, Queue.SHOP):
                wait_for(lambda queue=queue: doing.filter(queue_name=queue).exists())
            order = expired_order(ann)

            wait_for(returned(order))

            assert not Notice.objects.filter(state="sent").exists()
            assert Upload.objects.get(pk=upload.pk).state == "waiting"


def test_in_the_queue_of_the_mails_a_return_would_wait(real_commits, data_dir):
    ann = make_user("ann@example.com")
    for _ in range(MAILS):
        make_claim(make_order(ann, activation="waiting", sms=True))
    app.configure_task("claims.return_expired", queue=Queue.MAIL).defer(timestamp=0)
    sweep = ProcrastinateJob.objects.filter(task_name="claims.return_expired")
    with line_to(None, "silent") as nobody:
        log = data_dir / "mail.log"
        changes = {"EMAIL_URL": f"smtp://127.0.0.1:{nobody.port}"}
        with running(["manage.py", "work", "mail", "--grace", "0"], data_dir, log, **changes):
            doing = ProcrastinateJob.objects.filter(status="doing", queue_name=Queue.MAIL)
            wait_for(lambda: doing.count() == SLOTS[Queue.MAIL])

            assert sweep.get().status == "todo"


def through(port: int) -> str:
    """Return the address of the test's database through a line."""
    known = urlsplit(database_url())
    login = known.netloc.rpartition("@")[0]
    return f"postgresql://{login}@127.0.0.1:{port}{known.path}"


def lost(log: Path, queue: str) -> int:
    return len(re.findall(f"The queue {queue} lost the database", log.read_text()))


@pytest.mark.parametrize("mood", ["cut", "silent"])
def test_it_outlives_the_database(real_commits, data_dir, mood):
    ann = make_user("ann@example.com")
    first = expired_order(ann)
    log = data_dir / "worker.log"
    with (
        line_to_database() as line,
        worker(data_dir, DATABASE_URL=through(line.port)) as process,
    ):
        wait_for(returned(first))
        line.become(mood)
        wait_until(lambda: lost(log, "time") > 1, log)
        assert process.poll() is None
        second = expired_order(ann)

        line.become("open")

        wait_for(returned(second))


def test_it_waits_for_a_database_that_is_not_there_yet(real_commits, data_dir):
    order = expired_order(make_user("ann@example.com"))
    with line_to_database() as line:
        line.become("cut")
        with worker(data_dir, DATABASE_URL=through(line.port)):
            log = data_dir / "worker.log"
            wait_until(log.exists)
            wait_until(lambda: "can't be reached" in log.read_text(), log)

            line.become("open")

            wait_for(returned(order))


def test_it_ends_within_its_grace_although_a_mail_hangs(real_commits, data_dir):
    make_claim(make_order(make_user("ann@example.com"), activation="waiting", sms=True))
    with line_to(None, "silent") as nobody:
        log = data_dir / "mail.log"
        changes = {"EMAIL_URL": f"smtp://127.0.0.1:{nobody.port}"}
        with running(
            ["manage.py", "work", "mail", "--grace", "0.5"], data_dir, log, **changes
        ) as process:
            doing = ProcrastinateJob.objects.filter(status="doing", queue_name=Queue.MAIL)
            wait_for(doing.exists)

            process.terminate()

            assert process.wait(timeout=PATIENCE) == 0
            assert "Jobs of the queue mail were left in hand" in log.read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_stops_at_once_without_jobs(real_commits, data_dir, number):
    order = expired_order(make_user("ann@example.com"))
    with worker(data_dir) as process:
        wait_for(returned(order))
        process._signal(number)

        assert process.wait(timeout=PATIENCE) == 0
