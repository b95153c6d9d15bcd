"""The ages of heartbeats and of waiting work."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.mail import EmailMessage
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts import sign_in_outbox
from accounts.models import CreditTransfer
from claims.actions.core import heartbeats as beats
from claims.actions.orders import automatic_returns
from claims.jobs import heartbeats
from claims.jobs.queues import Queue
from claims.models import Event, Heartbeat, Notice, Upload, Webhook
from claims.monitoring import work
from claims.queries.core.clock import database_now
from tests.makers import make_claim, make_order, make_upload
from tests.processes import wait_until, worker


def late(now):
    return [f"{age.kind} {age.name}" for age in work.ages(now=now) if not age.is_usual]


@pytest.fixture
def alive(db):
    """Have each queue just shown that it is alive, and nothing wait."""
    now = database_now()
    for queue in heartbeats.queues():
        beats.beat(queue=queue, now=now)
    return now


def silent(*queues):
    return [f"heartbeat {queue}" for queue in sorted(queues)]


def forget_jobs():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def test_each_queue_that_a_task_declares_is_watched(db):
    declared = {task.queue for task in app.tasks.values() if task.queue != "builtin"}

    assert declared == set(Queue)
    assert late(database_now()) == [f"heartbeat {queue}" for queue in sorted(declared)]
    periodic = app.periodic_registry.periodic_tasks.values()
    assert {
        job.configure_kwargs["queue"] for job in periodic if job.task.name == "claims.beat"
    } == (declared)


def test_a_queue_of_a_new_task_is_watched_by_itself(db, monkeypatch):
    task = app.tasks["claims.beat"]
    monkeypatch.setattr(task, "queue", "reports")

    assert "heartbeat reports" in late(database_now())


def test_heartbeats_are_usual_for_ninety_seconds(alive):
    assert late(alive + timedelta(seconds=90)) == []
    assert late(alive + timedelta(seconds=91)) == silent(*Queue)


def test_the_job_writes_the_heartbeat_of_its_own_queue(db):
    context = SimpleNamespace(job=SimpleNamespace(queue="inspection"))

    heartbeats.beat(context, timestamp=1)

    assert list(Heartbeat.objects.values_list("queue", flat=True)) == ["inspection"]


def test_a_killed_worker_is_noticed_by_every_queue(real_commits, tmp_path):
    with worker(tmp_path) as process:
        wait_until(lambda: Heartbeat.objects.count() == len(heartbeats.queues()))
        forget_jobs()
        assert late(database_now()) == []
        process.kill()
        process.wait()

    after = database_now() + timedelta(seconds=91)
    assert [kind for kind in late(after) if kind.startswith("heartbeat")] == [
        f"heartbeat {queue}" for queue in heartbeats.queues()
    ]


@pytest.fixture
def running(alive):
    """Have a job in the queue `inspection` that a living worker began now."""
    return run_job(alive, heard_of=0)


def run_job(now, *, heard_of):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s) RETURNING id",
            [now - timedelta(seconds=heard_of)],
        )
        (number,) = cursor.fetchone()
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('inspection', 'some')"
            " RETURNING id"
        )
        (job,) = cursor.fetchone()
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = %s",
            [number, job],
        )
    return number


def see(worker_id, now):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = %s WHERE id = %s", [now, worker_id]
        )


def test_long_jobs_of_a_living_worker_may_hold_back_its_heartbeats(running, alive):
    later = alive + timedelta(minutes=15)
    see(running, later)

    assert late(later) == silent(*set(Queue) - {Queue.INSPECTION})


def test_jobs_that_never_end_are_no_sign_of_life(running, alive):
    later = alive + timedelta(minutes=17)
    see(running, later)

    assert late(later) == silent(*Queue)


def test_the_jobs_of_a_dead_worker_are_no_sign_of_life(running, alive):
    assert "heartbeat inspection" in late(alive + timedelta(minutes=2))


def test_a_job_that_is_due_for_more_than_five_minutes_is_late(alive):
    app.configure_task("claims.tell_staff").defer(event_id=1)
    due = ProcrastinateJob.objects.get(status="todo")
    now = database_now()

    assert "due_job mail" not in late(now + timedelta(minutes=4))
    assert "due_job mail" in late(now + timedelta(minutes=6))
    assert due.queue_name == "mail"


def test_a_job_that_is_put_off_is_late_only_after_that(alive):
    app.configure_task("claims.tell_staff", schedule_in={"hours": 1}).defer(event_id=1)

    assert "due_job mail" not in late(alive + timedelta(minutes=64))
    assert "due_job mail" in late(alive + timedelta(minutes=66))


def test_a_job_in_a_queue_that_no_task_has_is_late_too(alive):
    app.configure_task("claims.tell_staff", queue="forgotten").defer(event_id=1)

    assert "due_job forgotten" in late(alive + timedelta(minutes=6))


def oldest(name, now):
    (age,) = [age for age in work.ages(now=now) if (age.kind, age.name) == ("waiting", name)]
    return age


def test_a_file_that_waits_for_its_inspection(ann, alive):
    upload = make_upload(make_order(ann))
    Upload.objects.filter(pk=upload.pk).update(received_at=alive)

    assert oldest("inspection", alive + timedelta(minutes=16)).seconds == 960
    assert not oldest("inspection", alive + timedelta(minutes=16)).is_usual
    assert oldest("inspection", alive + timedelta(minutes=14)).is_usual


def test_a_mail_that_waits(ann, alive):
    claim = make_claim(make_order(ann))
    notice = Notice.objects.get(event__claim=claim)
    later = notice.made_at + timedelta(minutes=16)

    assert not oldest("mail", later).is_usual
    event = Event.objects.get(claim=claim, kind=Event.Kind.FILED)
    Notice.objects.filter(event=event).update(state=Notice.State.SENDING)
    assert not oldest("mail", later).is_usual
    Notice.objects.filter(event=event).update(state=Notice.State.SENT, sent_at=alive)
    assert oldest("mail", later).seconds is None


def test_a_mail_of_a_sign_in_page_that_waits(alive):
    code = EmailMessage(subject="Your code", body="123456", to=["ann@example.com"])
    sign_in_outbox.put_mail("login_code", code, now=alive)

    assert oldest("sign_in_mail", alive + timedelta(minutes=7)).is_usual
    assert not oldest("sign_in_mail", alive + timedelta(minutes=9)).is_usual


def test_a_webhook_and_a_return_that_wait(ann, alive, shop):
    order = make_order(ann, activation="waiting")
    automatic_returns.return_expired(now=alive, limit=1)
    returned = CreditTransfer.objects.get(key=f"charge:{order.charge_id}:return").made_at

    assert Webhook.objects.filter(state="waiting").exists()
    assert oldest("webhook", returned + timedelta(minutes=29)).is_usual
    assert not oldest("webhook", returned + timedelta(minutes=31)).is_usual
    assert oldest("return", returned + timedelta(minutes=59)).is_usual
    assert not oldest("return", returned + timedelta(minutes=61)).is_usual


def test_nothing_that_waits_is_no_age(alive):
    assert {oldest(name, timezone.now()).seconds for name in work.OLDEST_WITHIN} == {None}


def test_a_heartbeat_comes_before_a_backlog(real_commits, tmp_path):
    for number in range(3):
        app.configure_task("claims.tell_staff").defer(event_id=-number)
    beat = next(
        job for (name, queue), job in app.periodic_registry.periodic_tasks.items()
        if (name, queue) == ("claims.beat", "mail")
    )  # fmt: skip
    beat.task.configure(**beat.configure_kwargs).defer(timestamp=1)

    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        cursor.execute(
            "SELECT task_name FROM procrastinate_fetch_job_v2(NULL, %s)", [cursor.fetchone()[0]]
        )
        assert cursor.fetchone() == ("claims.beat",)
