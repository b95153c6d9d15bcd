"""Workers that are stopped, as by a deploy, or killed with their children: no good file is refused.

`systemctl stop` sends SIGTERM to every process of the service, also to the child; the kernel kills
the child when memory runs out.
"""

from __future__ import annotations

import os
import signal
import subprocess

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob

from claims.actions.uploads import inspection
from claims.jobs import upkeep
from claims.models import Upload
from tests.claims.test_jobs import data_dir, wait_for
from tests.makers import make_order, make_upload, make_user
from tests.media import make_screenshot, make_video
from tests.processes import PATIENCE, running
from tests.warm_parent import Process

__all__ = ["data_dir"]

INSPECTIONS = ProcrastinateJob.objects.filter(task_name="claims.inspect_upload")
STOPS = 8


@pytest.fixture
def upload(real_commits) -> Upload:
    """Return an upload whose inspection takes some seconds."""
    order = make_order(make_user("ann@example.com"), sms=True)
    return make_upload(order, kind="video", content=make_video(seconds=10, size=(720, 1280)))


def inspecting(data_dir, *options: str):
    arguments = ["manage.py", "work", "inspection", *options]
    return running(arguments, data_dir, log_in(data_dir))


def log_in(data_dir):
    return data_dir / "worker.log"


def children_of(pid: int) -> list[int]:
    """Return the ids of the child processes of a worker's inspections."""
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    )
    rows = [line.split(None, 2) for line in listed.stdout.splitlines()]
    return [
        int(row[0])
        for row in rows
        if int(row[1]) == pid and "claims.inspection.confinement.child" in row[-1]
    ]


def stop_during_inspection(worker: Process) -> int:
    """Stop the worker as `systemctl stop` does while its child runs; return its exit code."""
    wait_for(lambda: children_of(worker.pid))
    for process in (worker.pid, *children_of(worker.pid)):
        os.kill(process, signal.SIGTERM)
    return worker.wait(timeout=PATIENCE)


def is_accepted(upload: Upload) -> bool:
    return Upload.objects.filter(pk=upload.pk, state="accepted").exists()


def test_a_stopped_worker_with_time_lets_its_child_finish(data_dir, upload):
    with inspecting(data_dir) as worker:
        assert stop_during_inspection(worker) == 0

    upload.refresh_from_db()
    assert (upload.state, upload.interruptions) == ("accepted", 0), log_in(data_dir).read_text()
    assert INSPECTIONS.get().status == "succeeded"


def test_many_stops_without_time_refuse_nothing_and_are_not_counted(data_dir, upload):
    for _ in range(STOPS):
        with inspecting(data_dir, "--grace", "0") as worker:
            assert stop_during_inspection(worker) == 0
        upload.refresh_from_db()
        assert (upload.state, upload.interruptions) == ("waiting", 0)
        assert upload.report == {"interrupted": True}
        assert INSPECTIONS.get().status == "todo"

    with inspecting(data_dir):
        wait_for(lambda: is_accepted(upload))

    assert upload.renditions.count() == 3


def kill_child(worker: Process, upload: Upload, *, count: int) -> None:
    """Kill the child as a kernel without memory does, and wait until the worker knows."""
    bring_forward()
    wait_for(lambda: children_of(worker.pid))
    for child in children_of(worker.pid):
        os.kill(child, signal.SIGKILL)
    told = INSPECTIONS.filter(attempts=count)
    wait_for(lambda: told.exclude(status="doing").exists())
    upload.refresh_from_db()


def bring_forward() -> None:
    """Let the waits before the next try be over."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_child_that_is_killed_costs_neither_its_file_nor_the_worker(data_dir, upload, times):
    with inspecting(data_dir) as worker:
        for count in range(1, times + 1):
            kill_child(worker, upload, count=count)
            assert (upload.state, upload.problem) == ("waiting", "")
            assert (upload.interruptions, upload.pieces.count()) == (count, 1)
        bring_forward()
        wait_for(lambda: is_accepted(upload))

        assert worker.poll() is None


def test_a_child_that_is_killed_a_fourth_time_was_not_checked_and_the_worker_goes_on(
    data_dir, upload
):
    with inspecting(data_dir) as worker:
        for count in range(1, 5):
            kill_child(worker, upload, count=count)
        assert (upload.state, upload.problem) == ("refused", "interrupted")
        assert INSPECTIONS.get().status == "succeeded"

        following = make_upload(upload.order, content=make_screenshot())
        wait_for(lambda: is_accepted(following))

        assert worker.poll() is None
        assert children_of(worker.pid) == []


def retry_stalled() -> None:
    """Do the job of that name in this process, as if every worker were dead."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 h'")

    async def retry() -> None:
        async with app.open_async():
            await upkeep.retry_stalled.func(0)

    assert isinstance(app.connector, DjangoConnector)
    with app.replace_connector(app.connector.get_worker_connector()):
        async_to_sync(retry)()


def kill_worker(data_dir) -> None:
    """Kill a worker, which takes its child along, and let the next one have its job."""
    with inspecting(data_dir) as worker:
        wait_for(lambda: children_of(worker.pid))
        worker.kill()
        worker.wait(timeout=PATIENCE)
    assert INSPECTIONS.get().status == "doing"
    retry_stalled()


def test_a_killed_worker_counts_and_a_file_that_kills_four_is_given_up(data_dir, upload):
    told = []
    for _ in range(4):
        kill_worker(data_dir)
        upload.refresh_from_db()
        told.append((upload.state, upload.interruptions, upload.problem))
    with inspecting(data_dir):
        wait_for(lambda: INSPECTIONS.get().status == "succeeded")

    waiting = [("waiting", count, "") for count in (1, 2, 3)]
    assert told == [*waiting, ("refused", 3, "interrupted")]


def test_uncounted_it_would_kill_workers_for_ever(data_dir, upload, monkeypatch):
    monkeypatch.setattr(inspection, "take_interruption", lambda **told: None)

    for _ in range(5):
        kill_worker(data_dir)

    upload.refresh_from_db()
    assert (upload.state, INSPECTIONS.get().status) == ("waiting", "todo")


def test_a_killed_worker_that_had_finished_its_file_costs_nothing(data_dir, upload):
    with inspecting(data_dir):
        wait_for(lambda: INSPECTIONS.get().status == "succeeded")
    upload.refresh_from_db()

    assert inspection.take_interruption(upload_id=upload.pk, now=upload.inspected_at) is None

    upload.refresh_from_db()
    assert (upload.state, upload.interruptions) == ("accepted", 0)
