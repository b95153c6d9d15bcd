import time

import pytest

from claims.formats.order_reports import COLUMNS
from claims.management.row_files.files import BadFile
from tests.claims.actions.orders.reports import NUMBER, TOP_UP
from tests.claims.management.row_files.reader import read, table, texts

HEADER = table()


def row(order_id, name="Ann"):
    return table(TOP_UP | {"order_id": order_id, "customer_name": name}).removeprefix(HEADER)


def read_text(text):
    rows, _ = read(text.encode(), name="orders.csv")
    return texts(rows, "order_id", "customer_name")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_header_tells_the_separator(separator):
    told = table(TOP_UP | {"customer_name": "Lee, Ann; \t"}, separator=separator)

    assert read_text(told) == [(2, "T-1", "Lee, Ann;")]


def test_rows_have_no_say_in_the_separator():
    header = ",".join(COLUMNS)

    assert read_text(f"{header}\na;b;c\n") == [(2, "the line has 1 cells, the header has 21")]


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "sep=;\r"])
def test_the_line_by_which_excel_tells_the_separator_is_read(line):
    assert read_text(f"{line}\n{table(TOP_UP, separator=';')}") == [(3, "T-1", "Ann")]


def test_a_decimal_comma_is_read_where_semicolons_separate():
    rows, _ = read(table(TOP_UP | {"price": "1.234,50"}, separator=";").encode(), name="o.csv")

    assert str(rows[0][1].amount("price")) == "1234.50"


@pytest.mark.parametrize("separator", [",", "\t"])
def test_a_decimal_comma_is_refused_elsewhere(separator):
    rows, _ = read(table(TOP_UP | {"price": "2,50"}, separator=separator).encode(), name="o.csv")

    with pytest.raises(ValueError, match="is not an amount"):
        rows[0][1].amount("price")


@pytest.mark.parametrize("name", ["Ann\nLee", "Ann\r\nLee", "\nAnn\n\n  Lee\n"])
def test_a_cell_in_quotes_may_have_line_breaks(name):
    told = read_text(HEADER + row("T-1", name) + row("T-2"))

    assert told == [(2, "T-1", "Ann Lee"), (3 + name.count("\n"), "T-2", "Ann")]


def test_a_cell_may_have_quotes_and_line_breaks():
    assert read_text(HEADER + row("T-1", '"Ann"\n"Lee"')) == [(2, "T-1", '"Ann" "Lee"')]


BAD = "the line is not CSV: unexpected end of data"


def test_an_unclosed_quote_at_the_end_spoils_one_row():
    assert read_text(f'{HEADER}"T-1,x\n{row("T-2")}{row("T-3")}') == [
        (2, BAD), (3, "T-2", "Ann"), (4, "T-3", "Ann"),
    ]  # fmt: skip


def test_an_unclosed_quote_does_not_swallow_the_rows_up_to_the_next_quote():
    told = read_text(f'{HEADER}"T-1,x\n{row("T-2")}{row("T-3", "Lee, Ann")}{row("T-4")}')

    assert told == [(2, BAD), (3, "T-2", "Ann"), (4, "T-3", "Lee, Ann"), (5, "T-4", "Ann")]


def test_lines_that_make_no_record_of_the_headers_width_are_read_one_by_one():
    assert read_text(f'{HEADER}"T-1,x\ny"\n{row("T-2")}')[0] == (2, BAD)
    assert read_text(f'{HEADER}"T-1,x\ny"\n{row("T-2")}')[-1] == (4, "T-2", "Ann")


def test_a_cell_without_an_end_ends_at_the_longest_line():
    filler = "x" * 70 + "\n"

    told = read_text(f'{HEADER}"T-1,{filler * 2000}{row("T-2")}')

    assert told[0] == (2, BAD)
    assert told[-1] == (2002, "T-2", "Ann")


def test_many_short_lines_after_an_unclosed_quote_are_read_in_linear_time():
    began = time.process_time()
    read_text(f'{HEADER}"T-1\n' + "x\n" * 60_000)

    assert time.process_time() - began < 5


def test_rows_of_empty_cells_are_skipped_wherever_they_are():
    empty = "," * (len(COLUMNS) - 1) + "\n"

    told = read_text(HEADER + empty + row("T-1") + ",,,\n" + ' ,"", \n' + row("T-2") + empty * 3)

    assert told == [(3, "T-1", "Ann"), (6, "T-2", "Ann")]


def test_empty_columns_beyond_the_last_name_are_skipped():
    lines = (HEADER + row("T-1")).replace("\r\n", ",,,\n")

    assert read_text(lines) == [(2, "T-1", "Ann")]


def test_a_cell_beyond_the_last_name_is_not_passed_over():
    lines = (HEADER + row("T-1")).replace("\r\n", ",,\n").removesuffix("\n") + "x\n"

    assert read_text(lines) == [(2, "the line has 23 cells, the header has 21")]


def test_a_column_without_a_name_is_ignored():
    lines = f",{HEADER}x,{row('T-1')}"

    assert read_text(lines) == [(2, "T-1", "Ann")]


def test_unicode_line_separators_end_no_row():
    assert read_text(HEADER + row("T-1", "Ann\u2028\x85Lee")) == [(2, "T-1", "Ann\u2028\x85Lee")]


def test_a_header_that_is_too_long_is_refused():
    with pytest.raises(BadFile, match="the line is longer than 65536 characters"):
        read(("order_id" + "," * 70_000 + "\n").encode(), name="orders.csv")


def test_a_number_and_a_top_up_are_read_from_one_tab_separated_file():
    rows, _ = read(table(TOP_UP, NUMBER, separator="\t").encode("utf-16"))

    assert texts(rows, "order_id", "phone") == [(2, "T-1", ""), (3, "N-1", "+4915112345678")]
