import codecs

import pytest

from tests.claims.actions.orders.reports import TOP_UP
from tests.claims.management.row_files.reader import read, table, texts

JOERG = table(TOP_UP | {"customer_name": "Jörg"})
READ = [(2, "T-1", "Jörg")]
GUESS = (
    "The file doesn't tell its encoding, and was read as {}. Save it as UTF-8 if names look wrong."
)


@pytest.mark.parametrize(
    "content",
    [
        JOERG.encode(),
        codecs.BOM_UTF8 + JOERG.encode(),
        codecs.BOM_UTF16_LE + JOERG.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + JOERG.encode("utf-16-be"),
    ],
)
def test_unicode_is_read_without_a_word(content):
    rows, warnings = read(content)

    assert (texts(rows, "order_id", "customer_name"), warnings) == (READ, [])


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16-le", "utf-16-be"])
def test_an_encoding_that_the_file_does_not_tell_is_named(encoding):
    rows, warnings = read(JOERG.encode(encoding))

    assert texts(rows, "order_id", "customer_name") == READ
    assert warnings == [GUESS.format(encoding)]


def test_json_lines_may_be_in_utf16():
    line = '{"order_id": "T-1", "customer_name": "Jörg"}'

    rows, _ = read(line.encode("utf-16"))

    assert texts(rows, "order_id", "customer_name") == [(1, "T-1", "Jörg")]


def test_utf8_with_a_damaged_byte_is_still_utf8():
    content = table(TOP_UP | {"customer_name": "Jörg Müller"}, TOP_UP | {"customer_name": "Zoe"})

    rows, warnings = read(content.encode().replace(b"Zoe", b"Zo\xeb"))

    assert warnings == []
    assert texts(rows, "customer_name") == [(2, "Jörg Müller"), (3, "Zo\udceb")]


def test_letters_on_the_edges_of_chunks_are_not_stray():
    content = table(*[TOP_UP | {"customer_name": "ö" * 60} for _ in range(3000)])

    for shift in range(2):
        assert read((" " * shift + content).encode())[1] == []


def test_a_byte_that_cp1252_has_no_letter_for_spoils_its_own_row():
    content = table(TOP_UP | {"customer_name": "Zoe"}, TOP_UP | {"customer_name": "Jörg"})

    rows, _ = read(content.encode("cp1252").replace(b"Zoe", b"Zo\x81"))

    assert texts(rows, "customer_name") == [(2, "Zo\udc81"), (3, "Jörg")]


def test_a_file_that_ends_in_half_a_character_has_one_bad_line():
    rows, _ = read(codecs.BOM_UTF16_LE + JOERG.encode("utf-16-le") + b"x")

    assert texts(rows, "order_id", "customer_name") == [
        *READ, (3, "the file ends in the middle of a character"),
    ]  # fmt: skip


def test_half_of_a_pair_in_utf16_spoils_its_own_row():
    text = table(TOP_UP | {"customer_name": "\ud800"}, TOP_UP)

    rows, _ = read(codecs.BOM_UTF16_LE + text.encode("utf-16-le", "surrogatepass"))

    assert texts(rows, "order_id", "customer_name") == [(2, "T-1", "\ud800"), (3, "T-1", "Ann")]
