"""Pieces of one file, and files of one customer, that arrive at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from claims.actions.uploads import intake, pieces, quotas
from claims.actions.uploads.quotas import LimitReached
from claims.models import Piece, Upload
from tests.claims.portal.uploads.tus import spooled, spooled_bytes
from tests.concurrency.racing import errors, race
from tests.makers import make_order, make_sent, make_upload
from tests.media import make_screenshot
from tests.processes import PATIENCE

PICTURE = make_screenshot()
TOGETHER = 12


def begin(order, size: int = 0) -> Upload:
    return pieces.begin_upload(
        order=order,
        by=order.customer,
        name="a.png",
        size=size or len(PICTURE),
        now=timezone.now(),
    )


def keep(upload: Upload, content: bytes, offset: int = 0) -> Upload:
    sent = make_sent(content, offset)
    return pieces.keep_piece(upload=upload, by=upload.customer, sent=sent, now=timezone.now())


def keeping(upload: Upload, content: bytes, offset: int = 0) -> Callable[[], Upload]:
    return lambda: keep(upload, content, offset)


def removing(upload: Upload) -> Callable[[], None]:
    return lambda: intake.discard_upload(
        token=upload.token, order_id=upload.order_id, by=upload.customer, now=timezone.now()
    )


def inspections() -> int:
    return ProcrastinateJob.objects.filter(task_name=intake.INSPECT_UPLOAD).count()


def codes(outcomes: list[Any]) -> set[str | None]:
    """Return the codes of the contenders' refusals; no other error may occur."""
    refused = [error for error in errors(outcomes) if isinstance(error, ValidationError)]
    assert len(refused) == len(errors(outcomes)), outcomes
    return {error.code for error in refused}


def test_of_pieces_at_the_same_offset_one_is_kept(ann):
    upload = begin(make_order(ann))

    outcomes = race(*[keeping(upload, PICTURE[:3000])] * TOGETHER)

    upload.refresh_from_db()
    assert len(errors(outcomes)) == TOGETHER - 1
    assert codes(outcomes) == {"offset"}
    assert upload.received == 3000
    assert Piece.objects.count() == len(spooled()) == 1


def test_a_file_that_is_completed_many_times_is_inspected_once(ann):
    upload = begin(make_order(ann))
    keep(upload, PICTURE[:3000])

    outcomes = race(*[keeping(upload, PICTURE[3000:], 3000)] * TOGETHER)

    upload.refresh_from_db()
    assert codes(outcomes) == {"offset"}
    assert upload.state == Upload.State.WAITING
    assert spooled_bytes(upload) == PICTURE
    assert inspections() == 1


def test_clients_that_all_send_the_same_file_make_it_once(ann):
    upload = begin(make_order(ann))

    def send_all() -> int:
        refused = 0
        while True:
            now = Upload.objects.get(pk=upload.pk)
            if now.received == now.size:
                return refused
            try:
                keep(now, PICTURE[now.received : now.received + 1000], now.received)
            except ValidationError as error:
                if error.code != "offset":
                    raise
                refused += 1

    outcomes = race(*[send_all] * 6)

    upload.refresh_from_db()
    assert errors(outcomes) == []
    assert spooled_bytes(upload) == PICTURE
    assert len(spooled()) == Piece.objects.count() == -(-len(PICTURE) // 1000)
    assert inspections() == 1


@pytest.mark.parametrize("attempt", range(5))
def test_an_upload_removed_during_its_last_piece_leaves_no_file(attempt, ann):
    upload = begin(make_order(ann))
    keep(upload, PICTURE[:3000])

    outcomes = race(keeping(upload, PICTURE[3000:], 3000), removing(upload))

    upload.refresh_from_db()
    assert codes(outcomes) <= {"gone"}
    assert upload.state == Upload.State.REMOVED
    assert spooled() == []
    assert not Piece.objects.exists()


def read_together(
    found: Callable[..., Upload], barrier: threading.Barrier
) -> Callable[..., Upload]:
    """Read without a lock, and continue only when everybody has read."""

    def read(*args: Any) -> Upload:
        upload = found(*args)
        barrier.wait(timeout=PATIENCE)
        return upload

    return read


@pytest.fixture
def without_lock(real_commits, monkeypatch):
    """Have four at once read the row without locking it."""
    read = read_together(
        lambda customer, upload_id: Upload.objects.get(pk=upload_id), threading.Barrier(4)
    )
    monkeypatch.setattr(pieces, "lock_upload_of", read)


def test_the_database_alone_keeps_one_piece_at_each_offset(without_lock, ann):
    upload = begin(make_order(ann))

    outcomes = race(*[keeping(upload, PICTURE[:3000])] * 4)

    assert {type(error) for error in errors(outcomes)} == {IntegrityError}
    assert Piece.objects.count() == len(spooled()) == 1


def test_without_lock_and_constraint_a_piece_is_kept_many_times(without_lock, ann):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE claims_piece DROP CONSTRAINT one_piece_begins_at_each_offset")
    upload = begin(make_order(ann))

    race(*[keeping(upload, PICTURE[:3000])] * 4)

    upload.refresh_from_db()
    assert upload.received == 3000
    assert len(spooled_bytes(upload)) == 4 * 3000


def starting(order) -> Callable[[], Upload]:
    return lambda: begin(order, 1000)


def test_starting_many_at_once_opens_no_more_than_one_may(ann, monkeypatch):
    monkeypatch.setattr(quotas, "MOST_OPEN", 3)
    orders = [make_order(ann) for _ in range(TOGETHER)]

    outcomes = race(*(starting(order) for order in orders))

    assert Upload.objects.filter(state=Upload.State.RECEIVING).count() == 3
    assert {type(error) for error in errors(outcomes)} == {LimitReached}
    assert codes(outcomes) == {"open"}


def test_pieces_and_forms_at_once_bring_no_more_than_a_day_may(ann, monkeypatch):
    monkeypatch.setattr(quotas, "MOST_BYTES_A_DAY", 3500)
    orders = [make_order(ann) for _ in range(TOGETHER)]

    def posting(order):
        return lambda: make_upload(order, content=b"x" * 1000)

    outcomes = race(
        *(starting(order) for order in orders[::2]), *(posting(order) for order in orders[1::2])
    )

    assert codes(outcomes) == {"bytes-a-day"}
    assert sum(Upload.objects.values_list("size", flat=True)) == 3000
    assert len(spooled()) == Piece.objects.count()


def test_without_the_lock_on_the_customer_one_opens_more_than_one_may(ann, monkeypatch):
    monkeypatch.setattr(quotas, "MOST_OPEN", 1)
    orders = [make_order(ann) for _ in range(4)]
    barrier = threading.Barrier(4)
    really_refuse = intake.refuse_beyond_quota

    def refuse(*args: Any, **told: Any) -> None:
        really_refuse(*args, **told)
        barrier.wait(timeout=PATIENCE)

    monkeypatch.setattr(intake, "lock_customer", lambda customer: None)
    monkeypatch.setattr(intake, "refuse_beyond_quota", refuse)

    race(*(starting(order) for order in orders))

    assert Upload.objects.filter(state=Upload.State.RECEIVING).count() == 4


def test_six_files_of_one_order_stay_six_whoever_sends_more(ann):
    order = make_order(ann)

    outcomes = race(*[starting(order)] * TOGETHER)

    assert codes(outcomes) == {"files"}
    assert Upload.objects.count() == 6
