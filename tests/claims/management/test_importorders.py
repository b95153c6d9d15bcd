from __future__ import annotations

import csv
import gc
import io
import json
import sys
import tracemalloc
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from accounts.models import CreditAccount, CreditTransfer, User
from claims.actions.orders import importer
from claims.formats.order_reports import COLUMNS
from claims.models import Event, Number, Order
from tests.claims.actions.orders.reports import NUMBER, TOP_UP

pytestmark = pytest.mark.django_db


def as_csv(*rows, columns=COLUMNS):
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def as_jsonl(*rows):
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


class Said:
    """The output of the command, and whether it failed."""

    def __init__(self, out, err, failure):
        self.out, self.err, self.failure = out.strip(), err.splitlines(), failure


@pytest.fixture
def run(tmp_path):
    def run(content, *options, name="orders.csv"):
        path = tmp_path / name
        path.write_bytes(content)
        out, err, failure = io.StringIO(), io.StringIO(), ""
        code = 0
        try:
            call_command("importorders", str(path), *options, stdout=out, stderr=err, no_color=True)
        except CommandError as error:
            failure, code = str(error), error.returncode
        assert code == (1 if failure else 0)
        return Said(out.getvalue(), err.getvalue(), failure)

    return run


def everything():
    return (
        list(User.objects.order_by("pk").values()),
        list(Order.objects.order_by("pk").values()),
        list(Number.objects.order_by("pk").values()),
        list(CreditAccount.objects.order_by("pk").values()),
        list(CreditTransfer.objects.order_by("pk").values()),
        list(Event.objects.order_by("pk").values()),
    )


@pytest.mark.parametrize("name", ["orders.csv", "orders.jsonl"])
def test_the_documented_example_imports_and_a_second_time_changes_nothing(project_root, name):
    path, out = project_root / "docs" / "examples" / name, io.StringIO()

    call_command("importorders", str(path), stdout=out)

    assert out.getvalue() == (
        "Orders: 3 created, 0 updated, 0 unchanged. Customers: 1 created. Rows: 0 bad.\n"
    )
    done = Order.objects.get(shop_id="N-2001")
    assert (done.activation, done.number.two_factor) == ("completed", True)
    assert Order.objects.get(shop_id="N-2002").cancellation_arrived_at is not None
    assert CreditAccount.objects.get(owner__email="ann@example.com").balance == Decimal("15.70")

    before = everything()
    call_command("importorders", str(path), stdout=out)
    assert "0 created, 0 updated, 3 unchanged" in out.getvalue()
    assert everything() == before


def test_both_examples_say_the_same(project_root):
    folder = project_root / "docs" / "examples"
    call_command("importorders", str(folder / "orders.csv"), stdout=io.StringIO())
    before = everything()

    call_command("importorders", str(folder / "orders.jsonl"), stdout=io.StringIO())

    assert everything() == before


def test_columns_come_in_any_order(run):
    said = run(as_csv(NUMBER, TOP_UP, columns=tuple(reversed(COLUMNS))))

    assert (said.failure, said.err) == ("", [])
    assert Order.objects.count() == 2


def test_unknown_columns_are_named_once_and_ignored(run):
    said = run(as_csv(TOP_UP | {"colour": "red"}, columns=(*COLUMNS, "colour")))

    assert said.err == ["Ignored columns: colour."]
    assert said.failure == ""


def test_unknown_fields_of_json_are_named_once_and_ignored(run):
    said = run(as_jsonl(TOP_UP, NUMBER | {"colour": "red"}, NUMBER | {"colour": 1}), name="o.jsonl")

    assert said.err == ["Ignored fields, from line 2 on: colour."]
    assert Order.objects.count() == 2


def test_optional_columns_may_be_absent(run):
    said = run(as_csv(TOP_UP, columns=tuple(TOP_UP)))

    assert said.out.startswith("Orders: 1 created")


def test_a_file_may_begin_with_a_byte_order_mark_and_end_lines_like_windows(run):
    said = run(
        b"\xef\xbb\xbf" + as_csv(TOP_UP, NUMBER).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    )

    assert said.out.startswith("Orders: 2 created")


def test_blank_lines_are_passed_over_and_counted(run):
    content = as_csv(TOP_UP, NUMBER | {"price": "-1"}).replace(b"T-1", b"\r\n\r\nT-1")

    said = run(content)

    assert said.err == ["line 5: price “-1” is not an amount such as 2.50"]
    assert Order.objects.count() == 1


@pytest.mark.parametrize("name", ["orders.csv", "orders.jsonl", "orders.ndjson", "orders.txt"])
def test_the_name_or_else_the_first_byte_tells_the_format(run, name):
    content = as_csv(TOP_UP) if name.endswith("csv") else as_jsonl(TOP_UP)

    assert run(content, name=name).out.startswith("Orders: 1 created")


def test_a_given_format_is_stronger_than_the_name(run):
    said = run(as_jsonl(TOP_UP), "--format", "jsonl", name="orders.csv")

    assert said.out.startswith("Orders: 1 created")


@pytest.mark.parametrize("content", [as_csv(TOP_UP), b"\n  \n" + as_jsonl(TOP_UP)])
def test_a_dash_reads_standard_input_in_either_format(monkeypatch, content):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    out = io.StringIO()

    call_command("importorders", "-", stdout=out)

    assert out.getvalue().startswith("Orders: 1 created")


def test_json_values_may_be_numbers_flags_and_nulls(run):
    text = json.dumps(NUMBER | {"two_factor": True, "completed_at": None})
    priced = text.replace('"price": "2.50"', '"price": 2.10').encode()

    run(as_jsonl(TOP_UP | {"price": 20}) + priced, name="orders.jsonl")

    assert Order.objects.get(shop_id="N-1").price == Decimal("2.10")
    assert Number.objects.get().two_factor


def test_a_bad_row_is_told_by_its_line_with_every_reason_and_the_others_go_on(run):
    bad = NUMBER | {"price": "-1", "channel": "shop", "order_id": "N-2"}

    said = run(as_csv(TOP_UP, bad, NUMBER))

    (told,) = said.err
    assert told == (
        "line 3: channel “shop” is not one of web, api; price “-1” is not an amount such as 2.50"
    )
    assert said.failure == "Bad rows: 1. All others were imported."
    assert set(Order.objects.values_list("shop_id", flat=True)) == {"T-1", "N-1"}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b'"N-1,never closed', "the line is not CSV: unexpected end of data"),
        (b"N-1,ann@example.com", "the line has 2 cells, the header has 21"),
        (b"x" * 70_000, "the line is longer than 65536 characters"),
    ],
)
def test_a_broken_line_spoils_no_other(run, line, told):
    head, top_up, number = as_csv(TOP_UP, NUMBER).splitlines()

    said = run(b"\n".join([head, top_up, line, number]))

    assert said.err == [f"line 3: {told}"]
    assert Order.objects.count() == 2


def test_bytes_that_are_not_utf8_spoil_one_row(run):
    content = as_csv(TOP_UP | {"customer_name": "Jörg Müller"}, NUMBER)

    said = run(content.replace(b"north", b"n\xf6rd"))

    assert said.err == ["line 3: supplier holds control characters, or bytes that are not UTF-8"]
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"{oops", "the line is not JSON"),
        (b"[1]", "the line is not a JSON object"),
        (b"[" * 60_000, "the line is not JSON"),
        (b'{"price": {"EUR": 1}}', "price must be a text"),
        (b"{" * 70_000, "the line is longer than 65536 characters"),
    ],
)
def test_a_broken_line_of_json_spoils_no_other(run, line, told):
    said = run(as_jsonl(TOP_UP) + line + b"\n" + as_jsonl(NUMBER), name="orders.jsonl")

    assert said.err == [f"line 2: {told}"]
    assert Order.objects.count() == 2


def test_lone_surrogates_in_json_spoil_one_row(run):
    said = run(as_jsonl(TOP_UP | {"customer_name": "\ud800"}, TOP_UP), name="orders.jsonl")

    assert said.err == [
        "line 1: customer_name holds control characters, or bytes that are not UTF-8"
    ]
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "The file is empty."),
        (b"order_id,product\n", "The header lacks: channel, price, currency"),
        (as_csv(TOP_UP, columns=(*COLUMNS, "price")), "The header names a column twice: price."),
        (b'"order_id', "The first line is not a CSV header: unexpected end of data."),
    ],
)
def test_a_file_that_is_no_such_file_is_refused_whole(run, content, told):
    said = run(content)

    assert told in said.failure
    assert said.out == ""


def test_a_file_that_is_not_there_is_one_clear_line():
    with pytest.raises(CommandError, match=r"nowhere\.csv can't be read: No such file"):
        call_command("importorders", "nowhere.csv")


def test_what_is_refused_later_is_told_by_line_too(run):
    other = NUMBER | {"country": "NL", "updated_at": "2026-04-01T12:05:00Z"}

    said = run(as_csv(TOP_UP, NUMBER, other))

    assert said.err == ["line 4: country can't change: NL here, DE before"]
    assert said.out == (
        "Orders: 2 created, 0 updated, 0 unchanged. Customers: 1 created. Rows: 1 bad."
    )


def test_a_dry_run_tells_the_same_and_changes_nothing(run, ann):
    content = as_csv(
        TOP_UP | {"customer_email": "bob@example.com", "order_id": "T-2"},
        NUMBER | {"order_id": "N-2", "price": "much"},
        TOP_UP,
        NUMBER | {"activation": "cancelled", "updated_at": "2026-04-01T12:05:00Z"},
    )
    before = everything()

    rehearsed = run(content, "--dry-run")

    assert everything() == before
    real = run(content)
    assert rehearsed.out.splitlines()[-1] == f"Dry run, nothing was changed. {real.out}"
    assert rehearsed.err == real.err
    assert real.failure == "Bad rows: 1. All others were imported."
    assert rehearsed.failure == "Bad rows: 1. All others would be imported."
    assert Order.objects.count() == 3


@pytest.mark.parametrize("size", [1, 2, 3])
def test_batches_of_any_size_come_to_the_same(run, monkeypatch, size):
    cancelled = {"activation": "cancelled", "updated_at": "2026-04-01T12:05:00Z"}
    rows = [
        NUMBER | cancelled,
        NUMBER,
        NUMBER | {"order_id": "N-2", "price": "20.00", "purchased_at": "2026-04-01T11:59:00Z"},
        NUMBER | {"order_id": "N-3", "price": "20.00", "purchased_at": "2026-04-01T11:58:00Z"},
        TOP_UP,
        TOP_UP | {"order_id": "T-2", "customer_email": "bob@example.com"},
    ]
    monkeypatch.setattr(importer, "BATCH_ROWS", size)

    rehearsed = run(as_csv(*rows), "--dry-run")
    said = run(as_csv(*rows))

    assert rehearsed.out.splitlines()[-1] == f"Dry run, nothing was changed. {said.out}"
    assert Order.objects.count() == 5
    account = CreditAccount.objects.get(owner__email="ann@example.com")
    assert (account.balance, account.uncovered) == (0, Decimal("22.50"))


def test_one_order_for_two_customers_stays_with_the_older_report(run):
    later = {"customer_email": "bob@example.com", "updated_at": "2026-04-01T12:05:00Z"}
    of_bob = TOP_UP | {"order_id": "T-2", "customer_email": "bob@example.com"}

    said = run(as_csv(of_bob, NUMBER | later, NUMBER, TOP_UP))

    assert said.err == [
        "line 3: customer_email can't change: bob@example.com here, ann@example.com before"
    ]
    assert Order.objects.get(shop_id="N-1").customer.email == "ann@example.com"


def write_many(path, *, orders, customers):
    """Write orders with two rows each, half of them cancelled, and a top-up for each customer."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        for number in range(customers):
            email = f"c{number}@example.com"
            top_up = {"order_id": f"T-{orders}-{number}", "price": "99999.00"}
            writer.writerow(TOP_UP | top_up | {"customer_email": email})
        for number in range(orders):
            email = f"c{number % customers}@example.com"
            row = NUMBER | {"order_id": f"N-{orders}-{number}", "customer_email": email}
            writer.writerow(row)
            end = {"activation": "cancelled", "updated_at": "2026-04-01T12:05:00Z"}
            writer.writerow(row | (end if number % 2 else {}))


@pytest.mark.parametrize("customers", [1, 50])
def test_ten_times_the_rows_need_no_more_memory(tmp_path, monkeypatch, customers):
    monkeypatch.setattr(importer, "BATCH_ROWS", 50)
    # Collect garbage between two batches: only memory that is still in use counts.
    monkeypatch.setattr(importer, "reset_queries", gc.collect)

    def peak(orders):
        path, out = tmp_path / "orders.csv", io.StringIO()
        write_many(path, orders=orders, customers=customers)
        tracemalloc.start()
        call_command("importorders", str(path), stdout=out)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert out.getvalue().startswith(f"Orders: {orders + customers} created")
        return most

    gc.freeze()
    try:
        peak(60)  # Load everything that is loaded once and kept.
        assert peak(1000) < 1.5 * peak(100)
    finally:
        gc.unfreeze()


def test_an_address_that_grows_when_it_is_lowered_is_a_bad_row(run):
    long = "İ" * 30 + "@" + ".".join(["İ" * 30] * 7) + ".com"

    said = run(as_jsonl(TOP_UP | {"customer_email": long}, TOP_UP), name="orders.jsonl")

    assert len(long) < 254 < len(long.lower())
    assert said.failure
    assert "is not an email address" in said.err[0]
    assert Order.objects.count() == 1
