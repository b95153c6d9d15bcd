import gzip
import io
import zipfile

import pytest

from claims.management.row_files.files import BadFile
from tests.claims.actions.orders.reports import TOP_UP
from tests.claims.management.row_files.reader import read, table

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def directory_entry(name):
    """Return an entry of an OLE file's directory: 64 bytes of its name in UTF-16, and more."""
    return name.encode("utf-16-le").ljust(64, b"\0") + bytes(64)


def ole(*names):
    return OLE + b"".join(directory_entry(name) for name in ("Root Entry", *names))


def zipped(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_DOT_", "."), content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"<!DOCTYPE html><title>502</title>", "is a web page, not a table"),
        (b"\n  <html><body>Sign in", "is a web page, not a table"),
        (b"\xef\xbb\xbf<HTML>", "is a web page, not a table"),
        (b"<?xml version='1.0'?><error/>", "is XML"),
        (b"%PDF-1.7\n", "is a PDF. Export the table as CSV or .xlsx instead"),
        (b"{\\rtf1 hello}", "is a text document"),
        (gzip.compress(table(TOP_UP).encode()), "is compressed. Unpack it"),
        (b"7z\xbc\xaf\x27\x1c", "is compressed. Unpack it"),
        (ole("EncryptionInfo", "EncryptedPackage"), "is protected by a password. Remove"),
        (ole("Workbook"), "is an old Excel workbook (.xls). Save the table as"),
        (ole("Book"), "is an old Excel workbook (.xls). Save the table as"),
        (ole("WordDocument"), "is an old Office document"),
        (zipped(orders_DOT_csv=table(TOP_UP)), "is a zip archive. Unpack it"),
        (zipped(), "is a zip archive. Unpack it"),
        (zipped(mimetype="x", content_DOT_xml="x"), "is an OpenDocument file"),
        (zipped(xl__workbook_DOT_bin="x"), "is a binary workbook (.xlsb)"),
        (b"PK\x03\x04 and nothing else", "is a workbook that can't be read: it is damaged"),
    ],
)
@pytest.mark.parametrize("name", ["orders.csv", "orders.xlsx"])
def test_a_file_of_another_kind_is_named_with_what_to_do(content, told, name):
    with pytest.raises(BadFile) as refused:
        read(content, name=name)

    assert str(refused.value).startswith(f"The file {told}")


def test_a_document_that_is_no_workbook_is_named():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w/>")

    with pytest.raises(BadFile, match=r"is an Office document that isn't a workbook"):
        read(out.getvalue())


def test_a_table_named_like_a_workbook_is_read_as_what_it_is():
    rows, _ = read(table(TOP_UP).encode(), name="orders.xlsx")

    assert [line for line, _ in rows] == [2]


def test_a_quote_or_a_less_than_sign_in_a_csv_header_is_no_web_page():
    with pytest.raises(BadFile, match="The header lacks"):
        read(b'"<note>",order_id\n', name="orders.csv")
