"""The import of files as people send them, by the command."""

from __future__ import annotations

import datetime
import io
import sys

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from openpyxl import Workbook

from claims.actions.orders.automatic_returns import return_expired
from claims.formats.order_reports import COLUMNS
from claims.models import Acknowledgement, Notice, Order, Webhook
from tests.claims.actions.orders.reports import NUMBER, TOP_UP
from tests.claims.management.row_files.reader import table

pytestmark = pytest.mark.django_db


class Pipe(io.BytesIO):
    """A stream that can be read once."""

    def seekable(self) -> bool:
        return False


def workbook(*rows):
    book, out = Workbook(), io.BytesIO()
    book.active.append(list(COLUMNS))
    for row in rows:
        book.active.append([row.get(name) for name in COLUMNS])
    book.save(out)
    return out.getvalue()


def pipe_in(monkeypatch, content, *options):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Pipe(content)))
    out, err = io.StringIO(), io.StringIO()
    call_command("importorders", "-", *options, stdout=out, stderr=err, no_color=True)
    return out.getvalue(), err.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        table(TOP_UP, NUMBER, separator=";").encode("utf-16"),
        table(TOP_UP, NUMBER, separator="\t").encode(),
        workbook(TOP_UP, NUMBER),
    ],
    ids=["semicolons in UTF-16", "tabs", "xlsx"],
)
def test_a_pipe_may_hold_any_format(monkeypatch, content):
    out, err = pipe_in(monkeypatch, content)

    assert out.startswith("Orders: 2 created")
    assert err == ""


def test_a_guessed_encoding_is_told_before_the_counts(monkeypatch):
    content = table(TOP_UP | {"customer_name": "Jörg"}).encode("cp1252")

    out, err = pipe_in(monkeypatch, content)

    assert out.startswith("Orders: 1 created")
    assert "was read as cp1252" in err
    assert Order.objects.get().customer.display_name == "Jörg"


def test_date_cells_are_refused_without_a_stated_zone_and_read_with_one(monkeypatch):
    time = datetime.datetime(2026, 4, 1, 11, 0, 0)
    content = workbook(TOP_UP | {"purchased_at": time, "updated_at": time})

    with pytest.raises(CommandError, match="Bad rows: 1"):
        pipe_in(monkeypatch, content)
    pipe_in(monkeypatch, content, "--zone", "Europe/Berlin")

    assert Order.objects.get().purchased_at == datetime.datetime(2026, 4, 1, 9, tzinfo=datetime.UTC)


@pytest.mark.parametrize("zone", ["Mars", "../etc", "", "Europe"])
def test_a_zone_that_is_none_is_refused(zone):
    with pytest.raises(CommandError, match="is not a time zone such as Europe/Berlin"):
        call_command("importorders", "-", f"--zone={zone}")


def test_a_file_that_holds_no_rows_is_one_clear_line(monkeypatch):
    with pytest.raises(CommandError, match="The file is a web page, not a table"):
        pipe_in(monkeypatch, b"<!doctype html><title>502 Bad Gateway</title>")

    assert Order.objects.count() == 0


ROWS = [
    TOP_UP,
    NUMBER,
    NUMBER | {"order_id": "N-2", "activation": "cancelled", "updated_at": "2026-04-01T12:05:00Z"},
]


@pytest.mark.usefixtures("shop")
def test_history_and_the_sweep_after_it_leave_nothing_to_send(monkeypatch):
    pipe_in(monkeypatch, table(*ROWS).encode(), "--history")

    return_expired(now=timezone.now())

    assert Order.objects.filter(returned_at__isnull=False, is_history=True).count() == 2
    assert not Webhook.objects.exists()
    assert not Notice.objects.exists()
    assert not Acknowledgement.objects.exists()


@pytest.mark.usefixtures("shop")
def test_without_the_flag_the_shop_is_told_of_each_return(monkeypatch):
    pipe_in(monkeypatch, table(*ROWS).encode())

    return_expired(now=timezone.now())

    assert Webhook.objects.filter(type="credit.returned").count() == 2
    assert Acknowledgement.objects.count() == 2


@pytest.mark.usefixtures("shop")
def test_a_dry_run_of_history_marks_nothing(monkeypatch):
    out, _ = pipe_in(monkeypatch, table(*ROWS).encode(), "--history", "--dry-run")

    assert "3 created" in out
    assert Order.objects.count() == 0
