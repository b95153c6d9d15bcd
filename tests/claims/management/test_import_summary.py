import csv
import gc
import io
import tracemalloc
from contextlib import suppress

import pytest
from django.core.management import CommandError, call_command

from claims.actions.orders import importer
from claims.actions.orders.arrivals import Arrivals, OrderChange
from claims.formats.order_reports import COLUMNS
from claims.management.import_summary import MOST_REASONS, ImportSummary
from tests.claims.actions.orders.reports import NUMBER, TOP_UP

pytestmark = pytest.mark.django_db
MANY = 40


@pytest.fixture
def written(tmp_path):
    def written(rows):
        path = tmp_path / "orders.csv"
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, restval="")
            writer.writeheader()
            writer.writerows(rows)
        return str(path)

    return written


@pytest.fixture
def run(written):
    return lambda *rows, options=(): read_in(written(rows), *options)


def read_in(path, *options):
    """Return the lines that the import prints about the file."""
    out = io.StringIO()
    with suppress(CommandError):
        call_command("importorders", path, *options, stdout=out, stderr=io.StringIO())
    return out.getvalue().splitlines()


def rehearse(run, *rows):
    return run(*rows, options=["--dry-run"])


def numbers(count, **changes):
    return [
        NUMBER | {"order_id": f"N-{number:03}", "price": "0.10"} | changes
        for number in range(count)
    ]


def test_a_dry_run_shows_the_changed_fields_of_an_order_with_both_values(run):
    run(TOP_UP, NUMBER)

    told = rehearse(run, NUMBER | {
        "activation": "completed", "sms_received_at": "2026-04-01T12:02:00Z", "supplier": "south",
        "completed_at": "2026-04-01T12:03:00Z", "updated_at": "2026-04-01T12:03:00Z",
    })  # fmt: skip

    heading, change, counts = told
    assert heading == "Orders that would change:"
    assert change == (
        "  line 2, N-1: activation: waiting → completed;"
        " sms_received_at: nothing → 2026-04-01T12:02:00+00:00;"
        " completed_at: nothing → 2026-04-01T12:03:00+00:00;"
        " updated_at: 2026-04-01T12:00:00+00:00 → 2026-04-01T12:03:00+00:00;"
        " supplier: north → south"
    )
    assert counts == (
        "Dry run, nothing was changed. Orders: 0 created, 1 updated, 0 unchanged."
        " Customers: 0 created. Rows: 0 bad."
    )


def test_a_dry_run_shows_a_cancellation(run):
    run(TOP_UP, NUMBER)

    told = rehearse(run, NUMBER | {"activation": "cancelled", "updated_at": "2026-04-01T12:05:00Z"})

    assert "; cancelled_at: nothing → 2026-04-01T12:05:00+00:00;" in told[1]


def test_a_dry_run_shows_that_an_order_would_no_longer_be_history(run):
    run(TOP_UP, NUMBER, options=["--history"])

    told = rehearse(run, TOP_UP, NUMBER)

    assert told[:3] == [
        "Orders that would change:",
        "  line 2, T-1: is_history: True → False",
        "  line 3, N-1: is_history: True → False",
    ]


@pytest.mark.parametrize("size", [7, 1000])
def test_a_dry_run_shows_the_first_twenty_changes_by_their_lines(run, monkeypatch, size):
    monkeypatch.setattr(importer, "BATCH_ROWS", size)
    run(TOP_UP, *numbers(MANY))

    told = rehearse(
        run, *reversed(numbers(MANY, supplier="south", updated_at="2026-04-01T12:05:00Z"))
    )

    assert told[0] == "Orders that would change, the first 20:"
    assert [line.split(":")[0] for line in told[1:-1]] == [
        f"  line {2 + number}, N-{MANY - 1 - number:03}" for number in range(20)
    ]
    assert f"{MANY} updated" in told[-1]


def test_a_dry_run_counts_refused_rows_by_reason(run):
    rows = [
        NUMBER | {"order_id": "N-1", "price": "-1"},
        NUMBER | {"order_id": "N-2", "price": "-2"},
        NUMBER | {"order_id": "N-3", "channel": "shop"},
    ]

    told = rehearse(run, TOP_UP, *rows)

    assert told[:-1] == [
        "Rows that would be refused, by reason:",
        "  2 × price … is not an amount such as …",
        "  1 × channel … is not one of web, api",
    ]


def test_refusals_by_the_ledger_and_by_the_purchase_are_counted_by_reason_too(run):
    run(TOP_UP, NUMBER)

    told = rehearse(run, NUMBER | {"country": "NL"}, NUMBER | {"country": "FR"})

    assert told[1] == "  2 × country can't change"


def test_an_import_prints_its_counts_alone(run):
    run(TOP_UP, NUMBER)

    [line] = run(NUMBER | {"supplier": "south", "updated_at": "2026-04-01T12:05:00Z"})

    assert line.startswith("Orders: 0 created, 1 updated")


def test_more_kinds_of_reasons_than_a_person_reads_are_counted_together():
    summary = ImportSummary()
    for number in range(MOST_REASONS + 10):
        summary.refuse("abcdefghij"[number % 10] * (1 + number // 10))

    assert len(summary.reasons) == MOST_REASONS + 1
    assert summary.reasons["other reasons"] == 10


def test_the_sum_of_many_batches_keeps_the_first_changes():
    summary = ImportSummary()
    for line in range(100, 0, -1):
        summary.add(Arrivals(updated=1, changes=[OrderChange(line, "N-1", ("a: b → c",))]))

    assert [change.line for change in summary.total.changes] == list(range(1, 21))
    assert summary.total.updated == 100


def many(count, *, customers, **changes):
    """Yield orders of these customers, which differ in their ids."""
    for number in range(count):
        of = {"order_id": f"N-{number:04}", "customer_email": f"c{number % customers}@example.com"}
        yield NUMBER | of | {"price": "0.10"} | changes


@pytest.mark.parametrize("customers", [1, 20])
def test_a_dry_run_of_five_times_the_changes_needs_no_more_memory(
    run, written, monkeypatch, customers
):
    monkeypatch.setattr(importer, "BATCH_ROWS", 50)
    # Collect garbage between two batches: only memory that is still in use counts.
    monkeypatch.setattr(importer, "reset_queries", gc.collect)
    top_up = TOP_UP | {"price": "999.00"}
    run(
        *(
            top_up | {"order_id": f"T-{n}", "customer_email": f"c{n}@example.com"}
            for n in range(customers)
        ),
        *many(1000, customers=customers),
    )

    def peak(count):
        changed = {"supplier": "south", "updated_at": "2026-04-01T12:05:00Z"}
        path = written(many(count, customers=customers, **changed))
        tracemalloc.start()
        told = read_in(path, "--dry-run")
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert f" {count} updated" in told[-1]
        return most

    gc.freeze()
    try:
        peak(60)  # Load everything that is loaded once and kept.
        assert peak(500) < 1.5 * peak(100)
    finally:
        gc.unfreeze()
