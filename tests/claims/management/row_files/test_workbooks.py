import dataclasses
import datetime
import io
import itertools
import re
import resource
import zipfile

import pytest
from openpyxl import Workbook

from claims.formats.order_reports import COLUMNS
from claims.management.row_files import workbooks
from claims.management.row_files.files import BadFile
from tests.claims.actions.orders.reports import NUMBER, TOP_UP
from tests.claims.management.row_files.reader import read, texts

SHEET = "xl/worksheets/sheet1.xml"
TOO_LARGE = "needs more memory or time than the import may take"
DAMAGED = "is a workbook that can't be read: it is damaged"


def saved(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def book_of(*rows, columns=COLUMNS):
    book = Workbook()
    book.active.append(list(columns))
    for row in rows:
        book.active.append([row.get(name) for name in columns])
    return book


def changed(content, part, change):
    """Return the workbook with one part changed by a function on its text."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for name in old.namelist():
            text = old.read(name)
            new.writestr(name, change(text.decode()) if name == part else text)
    return out.getvalue()


def with_rows(rows):
    """Return a workbook with these lines of XML in its first sheet, after the header."""
    return changed(
        saved(book_of(TOP_UP)),
        SHEET,
        lambda text: text.replace("</sheetData>", f"{rows}</sheetData>"),
    )


def refusal(content):
    with pytest.raises(BadFile) as refused:
        read(content)
    return str(refused.value)


def test_a_workbook_holds_the_rows_of_a_table():
    rows, warnings = read(saved(book_of(TOP_UP, NUMBER)), name="orders.xlsx")

    assert texts(rows, "order_id", "phone", "price") == [
        (2, "T-1", "", "20.00"), (3, "N-1", "+4915112345678", "2.50"),
    ]  # fmt: skip
    assert warnings == []


def test_the_first_bytes_tell_a_workbook_whatever_its_name_is():
    assert len(read(saved(book_of(TOP_UP)), name="orders.csv", format_="csv")[0]) == 1


def test_typed_cells_are_read_as_their_texts():
    row = TOP_UP | {
        "order_id": 4711, "phone": 4915112345678, "price": 2.5, "two_factor": True,
        "purchased_at": datetime.datetime(2026, 11, 28, 10, 0, 0),
    }  # fmt: skip

    rows, _ = read(saved(book_of(row)))

    assert texts(rows, "order_id", "phone", "price", "two_factor", "purchased_at") == [
        (2, "4711", "4915112345678", "2.5", "true", "2026-11-28T10:00:00")
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1 + 0.2, "0.3"), (0.00000001, "0.00000001"), (10**14, "100000000000000"), (0, "0")],
)
def test_numbers_are_written_in_full_with_the_digits_that_a_spreadsheet_shows(value, text):
    rows, _ = read(saved(book_of(TOP_UP | {"price": value})))

    assert texts(rows, "price") == [(2, text)]


def test_a_number_that_lost_digits_is_no_id():
    rows, _ = read(saved(book_of(TOP_UP | {"order_id": 12345678901234567})))

    assert re.fullmatch(r"1\.\d+e\+16", texts(rows, "order_id")[0][1])


@pytest.mark.parametrize("second", range(0, 60, 7))
def test_a_time_is_exact_to_the_millisecond(second):
    time = datetime.datetime(2026, 11, 28, 9, 59, second, 123_000)

    rows, _ = read(saved(book_of(TOP_UP | {"purchased_at": time})))

    assert texts(rows, "purchased_at") == [(2, time.isoformat(timespec="microseconds"))]


def test_empty_rows_and_columns_before_between_and_after_are_skipped():
    book = Workbook()
    for column, name in enumerate(COLUMNS):
        book.active.cell(3, column + 3, name)
        for line in (5, 7):
            book.active.cell(line, column + 3, TOP_UP.get(name))
    book.active.cell(9, 40, " ")

    rows, _ = read(saved(book))

    assert texts(rows, "order_id") == [(5, "T-1"), (7, "T-1")]


def test_the_first_visible_sheet_is_read_and_the_others_are_named():
    book = book_of(TOP_UP)
    hidden = book.create_sheet("Lists", 0)
    hidden.sheet_state = "hidden"
    book.create_sheet("Notes")

    rows, warnings = read(saved(book))

    assert (texts(rows, "order_id"), warnings) == (
        [(2, "T-1")], ["Read the sheet 'Sheet', and not 'Notes'."],
    )  # fmt: skip


def test_cells_with_errors_are_told():
    book = book_of(TOP_UP)
    book.active["F2"].value, book.active["F2"].data_type = "#N/A", "e"

    rows, warnings = read(saved(book))

    assert warnings == ["Cells with errors such as #N/A were read as empty."]
    assert len(rows) == 1


def test_a_cell_may_have_line_breaks():
    rows, _ = read(saved(book_of(TOP_UP | {"customer_name": "Ann\nLee"})))

    assert texts(rows, "customer_name") == [(2, "Ann Lee")]


def test_a_workbook_without_a_header_is_refused():
    assert refusal(saved(Workbook())).startswith("The header lacks: order_id")
    assert refusal(saved(book_of(columns=["order_id"]))).startswith("The header lacks: product")


def test_a_workbook_that_unpacks_to_gigabytes_is_refused_before_it_is_unpacked():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/workbook.xml", "<workbook/>")
        with bomb.open(SHEET, "w") as sheet:
            for _ in range(1100):
                sheet.write(bytes(1024 * 1024))

    assert out.tell() < 2_000_000
    assert TOO_LARGE in refusal(out.getvalue())


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1048576"><c r="XFD1048576" t="str"><v>x</v></c></row>',
        '<row r="3">' + "<c/>" * 1_000_000 + "</row>",
        "".join(f'<row r="{n}"><c r="AMJ{n}" t="str"><v>x</v></c></row>' for n in range(3, 90_000)),
    ],
    ids=["the last cell", "a million empty columns", "ninety thousand wide rows"],
)
def test_cells_far_apart_end_in_an_error_or_are_read_and_take_no_memory_here(rows):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    content = with_rows(rows)

    try:
        told = texts(read(content)[0], "order_id")[0]
    except BadFile as refused:
        told = str(refused)

    assert told == (2, "T-1") or TOO_LARGE in told or DAMAGED in told
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024


EXTERNAL = '<!ENTITY a SYSTEM "file:///etc/passwd">'
GROWING = '<!ENTITY a "aaaa">' + "".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in itertools.pairwise("abcdefghij")
)


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/styles.xml"])
@pytest.mark.parametrize("entities", [EXTERNAL, GROWING])
def test_a_workbook_with_entities_is_refused(entities, part):
    row = '<row r="3"><c r="A3" t="str"><v>&a;</v></c></row>'
    declared = f"<!DOCTYPE x [{entities}]>"

    content = changed(
        with_rows(row), part, lambda text: re.sub(r"(<\w)", rf"{declared}\1", text, count=1)
    )

    assert "declares XML entities" in refusal(content)


@pytest.mark.parametrize("entities", [EXTERNAL, GROWING])
def test_entities_that_are_overlooked_are_still_not_followed(monkeypatch, entities):
    row = '<row r="3"><c r="A3" t="str"><v>&a;</v></c></row>'
    declared = f"<!DOCTYPE x [{entities}]>"
    unseen = "from claims.inspection import workbooks\nworkbooks.DOCUMENT_TYPE = b'no such mark'\n"
    monkeypatch.setattr(workbooks, "WORK", unseen + "workbooks.convert()\n")

    content = changed(
        with_rows(row), SHEET, lambda text: re.sub(r"(<\w)", rf"{declared}\1", text, count=1)
    )

    assert DAMAGED in refusal(content) or texts(read(content)[0], "order_id") == [(2, "T-1")]


def test_a_large_file_is_refused_unread(monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_BYTES", 1000)

    assert "is a workbook of more than" in refusal(saved(book_of(TOP_UP)))


def test_a_workbook_cut_off_in_the_middle_is_damaged():
    content = saved(book_of(TOP_UP))

    assert DAMAGED in refusal(content[: len(content) // 2])


def test_a_sheet_that_is_no_xml_is_damaged():
    assert DAMAGED in refusal(
        changed(saved(book_of(TOP_UP)), SHEET, lambda text: text[:200] + "<<")
    )


@pytest.mark.parametrize("work", ["import os; os.abort()", "import time; time.sleep(60)"])
def test_a_reader_that_aborts_or_never_ends_is_a_refused_file(monkeypatch, work):
    limits = dataclasses.replace(workbooks.LIMITS, wall_seconds=2.0)
    monkeypatch.setattr(workbooks, "LIMITS", limits)
    monkeypatch.setattr(workbooks, "WORK", work)

    assert TOO_LARGE in refusal(saved(book_of(TOP_UP)))


@pytest.mark.parametrize(
    "work",
    [
        'print(\'{"problem": "other"}\')',
        "print('[]')",
        'print(\'{"problem": ""}\')',
        'print(\'{"problem": "", "sheets": [1], "has_errors": false}\')',
    ],
)
def test_an_answer_that_no_sound_child_gives_is_refused(monkeypatch, work):
    monkeypatch.setattr(workbooks, "WORK", work)

    assert DAMAGED in refusal(saved(book_of(TOP_UP)))


SOUND = 'print(\'{"problem": "", "sheets": ["a"], "has_errors": false}\')'


@pytest.mark.parametrize("row", ["[1, 2]", '{"a": 1}', '["1", ["x"]]', "[1, [2]]"])
def test_rows_that_no_sound_child_writes_are_refused(monkeypatch, row):
    monkeypatch.setattr(workbooks, "WORK", f"open('rows', 'w').write({row!r} + '\\n')\n{SOUND}")

    assert DAMAGED in refusal(saved(book_of(TOP_UP)))


def test_a_link_in_the_place_of_the_rows_is_not_followed(tmp_path):
    (tmp_path / "rows").symlink_to("/etc/hostname")

    with pytest.raises(BadFile, match="is damaged"):
        workbooks._open(tmp_path / "rows")
