from __future__ import annotations

from django.db import connection

from claims.reports import exporting
from claims.reports.columns import COLUMNS, Form
from claims.reports.guarding import guarded
from tests.claims.reports.reading import only_row, reject
from tests.makers import make_claim, make_order

STARTS = ["=", "+", "-", "@", "\t", "\r", "\n", "\v", "\f", "＝", "＋", "－", "＠", "﹦", "−"]
LEADS = ["", " ", "  ", "\u00a0", "\u3000", "\u200b", "\ufeff", " \u2003"]


def test_what_begins_like_a_formula_gets_an_apostrophe(ann):
    texts = [f"{lead}{start}1+2, the code never came" for lead in LEADS for start in STARTS]
    assert guarded_by_the_database(texts) == [f"'{text}" for text in texts]


def test_other_beginnings_are_left_alone(ann):
    beginnings = ("", "0", "9", "A", "z", "é", "Ж", "(", '"', "'", "#", "/", "😀", " a", "\u3000b")
    texts = [f"{beginning} = a sum" if beginning else "" for beginning in beginnings]
    assert guarded_by_the_database(texts) == texts


def guarded_by_the_database(texts: list[str]) -> list[str]:
    with connection.cursor() as cursor:
        query = (
            f"SELECT {guarded('text')} FROM unnest(%s::text[]) WITH ORDINALITY AS t (text, turn)"
        )
        cursor.execute(f"{query} ORDER BY turn", [texts])
        return [text for (text,) in cursor.fetchall()]


def test_every_text_column_is_guarded_against_every_sign(ann, sue):
    """Whatever gets past the checks of the tables, no cell of the export is a formula."""
    reject(make_claim(make_order(ann, sms=True)), sue)
    shadow_tables()
    for start in STARTS:
        text = f"{start}1+2"
        write_everywhere(text)
        row = only_row()
        written = {name: row[name] for fields in TEXT_FIELDS.values() for name in fields.values()}
        assert written == dict.fromkeys(written, f"'{text}")
        assert row["customer_email"] == row["decided_by"] == f"'{text}"


def test_without_the_guard_a_formula_gets_through(ann, monkeypatch):
    make_claim(make_order(ann), reason="=1+2, the code never came")
    monkeypatch.setattr(exporting, "_FORMS", {**exporting._FORMS, Form.TEXT: str})
    assert only_row()["reason"] == "=1+2, the code never came"


def test_slugs_out_of_a_receipt_are_guarded_too(ann):
    make_claim(make_order(ann))
    findings = (
        '[{"clause": "=1", "outcome": "failed"}, {"clause": "@1", "outcome": "for_reviewer"}]'
    )
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE claims_receipt AS SELECT * FROM claims_receipt")
        cursor.execute("UPDATE claims_receipt SET findings = %s", [findings])
    row = only_row()
    assert row["failed_clauses"] == "'=1"
    assert row["reviewer_questions"] == "'@1"


def test_every_text_column_is_covered_by_the_test_of_signs():
    tested = {name for fields in TEXT_FIELDS.values() for name in fields.values()}
    tested |= {"customer_email", "decided_by", "failed_clauses", "reviewer_questions"}
    assert tested == {column.name for column in COLUMNS if column.form is Form.TEXT}


# The fields of each table, each with its column of the export.
TEXT_FIELDS = {
    "claims_claim": {
        "code": "code",
        "status": "status",
        "kind": "kind",
        "terms_version": "terms_version",
        "reason": "reason",
        "service": "service",
        "channel": "channel",
    },
    "claims_number": {
        "phone": "phone",
        "service_sent": "service_sent",
        "country": "country",
        "supplier": "supplier",
    },
    "claims_order": {
        "shop_id": "order_id",
        "activation": "activation",
        "currency": "currency",
    },
    "claims_policyversion": {"name": "policy_version"},
    "claims_decision": {
        "outcome": "decision",
        "clause": "decision_clause",
        "terms_section": "terms_section",
        "note": "decision_note",
        "answers": "answers",
    },
}


ALL_FIELDS = TEXT_FIELDS | {"accounts_user": {"email": ""}}


def shadow_tables() -> None:
    """Hide the tables behind copies without checks and lengths.

    PostgreSQL finds temporary tables before others, and drops them with the test's transaction.
    """
    with connection.cursor() as cursor:
        for table, fields in ALL_FIELDS.items():
            cursor.execute(f"CREATE TEMPORARY TABLE {table} AS SELECT * FROM {table}")
            for field in fields:
                cursor.execute(f"ALTER TABLE {table} ALTER COLUMN {field} TYPE text")


def write_everywhere(text: str) -> None:
    with connection.cursor() as cursor:
        for table, fields in ALL_FIELDS.items():
            changes = ", ".join(f"{field} = %s" for field in fields)
            cursor.execute(f"UPDATE {table} SET {changes}", [text] * len(fields))
