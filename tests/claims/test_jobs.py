"""Jobs, and the real worker that runs them."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import CreditTransfer
from claims.actions.core import events, notice_outbox
from claims.actions.review import deadlines
from claims.actions.uploads import retention
from claims.jobs import orders, review, upkeep, uploads
from claims.models import Claim, Event, Order, Upload
from tests.makers import make_claim, make_order, make_upload, make_user
from tests.media import make_screenshot, make_video
from tests.processes import wait_until, web, worker


def wait_for(condition):
    """Wait for the worker's result, on a new connection each time."""

    def happened():
        connection.close()
        return condition()

    wait_until(happened)


@pytest.fixture
def data_dir(tmp_path: Path, settings) -> Path:
    """Return the folder that the worker and this test share."""
    for name in ("spool", "evidence"):
        settings.STORAGES[name]["OPTIONS"]["location"] = tmp_path / name
    return tmp_path


def test_a_worker_inspects_mails_and_sweeps(real_commits, data_dir):
    ann = make_user("ann@example.com")
    upload = make_upload(make_order(ann, sms=True), content=make_screenshot())
    claim = make_claim(make_order(ann))
    expired = make_order(ann, activation="waiting", price="1.75")

    with worker(data_dir):
        wait_for(lambda: Upload.objects.filter(pk=upload.pk, state="accepted").exists())
        wait_for(lambda: Order.objects.filter(pk=expired.pk, returned_at__isnull=False).exists())
        wait_for(lambda: list((data_dir / "mail").glob("*.log")))

    mails = [mail.read_text() for mail in (data_dir / "mail").glob("*.log")]
    assert any(claim.code in mail for mail in mails)
    assert Event.objects.filter(order=expired, kind=Event.Kind.RETURNED).count() == 1
    assert (
        CreditTransfer.objects.get(key=f"charge:{expired.charge_id}:return").amount == expired.price
    )


def test_what_a_killed_worker_left_behind_is_taken_up_by_the_next(real_commits, data_dir):
    upload = make_upload(
        make_order(make_user("ann@example.com"), sms=True),
        kind="video",
        content=make_video(seconds=6, size=(720, 1280)),
    )
    mine = ProcrastinateJob.objects.filter(task_name="claims.inspect_upload")
    with worker(data_dir) as killed:
        wait_for(lambda: mine.filter(status="doing").exists())
        killed.kill()
        killed.wait()
    assert mine.get().status == "doing"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 h'")

    with worker(data_dir):
        wait_for(lambda: Upload.objects.filter(pk=upload.pk, state="accepted").exists())

    assert upload.renditions.count() == 3


def test_jobs_that_were_done_a_day_ago_are_forgotten(real_commits, data_dir):
    long_ago, lately, failed = (app.configure_task("claims.tell_staff").defer(event_id=n)
                                for n in range(3))  # fmt: skip
    ended = {long_ago: ("succeeded", 25), lately: ("succeeded", 23), failed: ("failed", 900)}
    with connection.cursor() as cursor:
        for job, (status, hours) in ended.items():
            cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [job])
            cursor.execute("UPDATE procrastinate_jobs SET status = %s WHERE id = %s", [status, job])
            cursor.execute(
                "UPDATE procrastinate_events SET at = at - make_interval(hours => %s)"
                " WHERE job_id = %s",
                [hours, job],
            )
    app.configure_task("claims.forget_done_jobs").defer(timestamp=0)

    with worker(data_dir):
        wait_for(lambda: not ProcrastinateJob.objects.filter(pk=long_ago).exists())

    assert ProcrastinateJob.objects.filter(pk__in=[lately, failed]).count() == 2


def test_no_job_stays_of_a_transaction_that_rolled_back(ann):
    claim = make_claim(make_order(ann))
    before = ProcrastinateJob.objects.count()

    with transaction.atomic():
        told = events.record(claim, Event.Kind.REPLIED, at=timezone.now(), actor=None)
        notice_outbox.tell_customer(told)
        assert ProcrastinateJob.objects.count() == before + 1
        transaction.set_rollback(True)

    assert ProcrastinateJob.objects.count() == before


def test_the_sweep_runs_several_times_a_minute():
    sweeps = [
        task.cron
        for task in app.periodic_registry.periodic_tasks.values()
        if task.task.name == "claims.return_expired"
    ]

    assert sweeps == ["* * * * * */20"]


def test_a_sweep_goes_on_until_nothing_is_due(ann, monkeypatch):
    monkeypatch.setattr(orders, "BATCH", 2)
    for _ in range(5):
        make_order(ann, activation="waiting")

    orders.return_expired(timestamp=0)

    assert not Order.objects.filter(returned_at__isnull=True).exists()


def left_over(incoming: Path) -> Path:
    """Leave a file of a process that was killed the day before yesterday."""
    incoming.mkdir(exist_ok=True)
    path = incoming / "half.upload"
    path.write_bytes(b"half of a file")
    long_ago = (timezone.now() - timedelta(days=2)).timestamp()
    os.utime(path, (long_ago, long_ago))
    return path


@pytest.mark.parametrize("process", [web, worker])
def test_every_process_clears_the_incoming_folder_of_its_own_machine(
    real_commits, data_dir, process
):
    path = left_over(data_dir / "incoming")
    fresh = path.with_name("fresh.upload")
    fresh.write_bytes(b"still coming in")

    with process(data_dir):
        wait_for(lambda: not path.exists())

    assert fresh.exists()


def test_the_incoming_folder_is_cleared_every_hour_even_after_a_failure(monkeypatch):
    rounds, slept = [], []

    def sweep(*, now):
        rounds.append(now)
        if len(rounds) == 1:
            raise PermissionError("Not yours.")
        if len(rounds) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(retention, "remove_leftovers", sweep)
    monkeypatch.setattr(uploads.time, "sleep", slept.append)

    with pytest.raises(KeyboardInterrupt):
        uploads._clear_incoming()

    assert slept == [3600, 3600]


@pytest.mark.parametrize("minutes", [-10, 10])
def test_a_workers_clock_that_is_wrong_changes_no_deadline(minutes, ann, sue, monkeypatch):
    right = timezone.now()
    over, ahead = (make_order(ann, activation="waiting") for _ in range(2))
    for order, off in ((over, -5), (ahead, 5)):
        order.allotted_until = right + timedelta(minutes=off)
        order.save()
    asked = make_claim(make_order(ann, sms=True), kind="major_defect")
    claims = Claim.objects.filter(pk=asked.pk)
    wrong = right + timedelta(minutes=minutes)
    monkeypatch.setattr(timezone, "now", lambda: wrong)

    for off, status in ((5, "waiting_customer"), (-5, "rejected")):
        since = right - timedelta(days=7) + timedelta(minutes=off)
        claims.update(status="waiting_customer", asked_at=since, reminded_at=since)
        review.keep_time(timestamp=0)
        assert claims.get().status == status
    orders.return_expired(timestamp=0)

    for order in (over, ahead):
        order.refresh_from_db()
    assert over.returned_at is not None
    assert ahead.returned_at is None


def test_time_is_kept_claim_by_claim(ann, max_, run_jobs, mailoutbox):
    now = timezone.now()
    waiting = [make_claim(make_order(ann)) for _ in range(2)]
    defect = make_claim(make_order(ann, sms=True), kind="major_defect")
    run_jobs()
    mailoutbox.clear()
    for claim, days in zip(waiting, (3, 8), strict=True):
        Claim.objects.filter(pk=claim.pk).update(
            status="waiting_customer", asked_at=now - timedelta(days=days), reminded_at=None
        )
    Claim.objects.filter(pk=waiting[1].pk).update(reminded_at=now - timedelta(days=6))
    with_trigger_off(
        "UPDATE claims_claim SET filed_at = %s, due_at = %s WHERE id = %s",
        [now - timedelta(days=6), now - timedelta(days=1), defect.pk],
    )

    review.keep_time(timestamp=0)
    review.keep_time(timestamp=0)
    run_jobs()

    said = {mail.subject: mail for mail in mailoutbox}
    assert len(said) == len(mailoutbox) == 3
    reminder = said[f"Claim {waiting[0].code}: we still wait for you"]
    assert reminder.to == [ann.email]
    assert "Please answer until" in reminder.body
    ended = said[f"Claim {waiting[1].code}: our decision"]
    assert "no answer came within 7 days" in ended.body
    due = said[f"Claim {defect.code}: time to resolve it is over"]
    assert (due.to, due.bcc) == ([], [max_.email])
    assert f"/admin/claims/claim/{defect.pk}/review/" in due.body


def test_a_claim_that_fails_holds_up_no_other(ann, monkeypatch):
    broken, sound = (make_claim(make_order(ann)) for _ in range(2))
    since = timezone.now() - timedelta(days=3)
    Claim.objects.update(status="waiting_customer", asked_at=since)
    remind = deadlines.remind

    def stumbling(*, claim_id, now):
        if claim_id == broken.pk:
            raise RuntimeError("Nobody foresaw this.")
        return remind(claim_id=claim_id, now=now)

    monkeypatch.setattr(deadlines, "remind", stumbling)

    with pytest.raises(ExceptionGroup) as failed:
        review.keep_time(timestamp=0)

    assert [str(error) for error in failed.value.exceptions] == ["Nobody foresaw this."]
    assert sound.events.filter(kind="reminded").count() == 1
    assert broken.events.filter(kind="reminded").count() == 0


def with_trigger_off(statement, parameters):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE claims_claim DISABLE TRIGGER USER")
        cursor.execute(statement, parameters)
        cursor.execute("ALTER TABLE claims_claim ENABLE TRIGGER USER")


def test_expired_sessions_are_deleted_once_a_day(ann, client):
    client.force_login(ann)
    Session.objects.create(
        session_key="e" * 32, session_data="", expire_date=timezone.now() - timedelta(seconds=1)
    )

    upkeep.clear_sessions(timestamp=0)

    assert list(Session.objects.values_list("session_key", flat=True)) == [
        client.session.session_key
    ]
    (cron,) = [
        task.cron
        for task in app.periodic_registry.periodic_tasks.values()
        if task.task.name == "claims.clear_sessions"
    ]
    assert cron == "23 3 * * *"
