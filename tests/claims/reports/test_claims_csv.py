from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone

from accounts.models import User
from claims.actions import deciding
from claims.models import Claim, Number
from claims.reports import claims_csv, exporting
from claims.reports.columns import COLUMNS, Form
from claims.reports.exporting import CHUNK
from claims.reports.guarding import guarded
from tests.makers import (
    ANSWERS,
    REASON,
    make_claim,
    make_order,
    make_upload,
    make_user,
    newest_event,
)

NOTE = "The supplier confirms that the code was never sent."


def rows(claims=None) -> list[dict[str, str]]:
    everything = b"".join(claims_csv(Claim.objects.all() if claims is None else claims))
    return list(csv.DictReader(io.StringIO(everything.decode(), newline="")))


def only_row(claims=None) -> dict[str, str]:
    (row,) = rows(claims)
    return row


LONG_CLAIMS = 24


def make_long_claims(customer: User) -> None:
    """More than fits into one piece."""
    for _ in range(LONG_CLAIMS):
        make_claim(make_order(customer), reason="a long and clear reason " * 150)


def iso(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def approve(claim: Claim, by: User, note: str = NOTE) -> None:
    deciding.approve(
        claim_id=claim.pk,
        by=by,
        seen=newest_event(claim),
        answers=ANSWERS,
        note=note,
        now=timezone.now(),
    )


def reject(claim: Claim, by: User, note: str = NOTE, section: str = "4.2") -> None:
    deciding.reject(
        claim_id=claim.pk,
        by=by,
        seen=newest_event(claim),
        answers={},
        clause="terms",
        terms_section=section,
        note=note,
        now=timezone.now(),
    )


def test_an_open_claim_fills_the_columns_of_its_order(ann):
    order = make_order(ann, service="telegram", sms=True, country="GB", channel="api")
    claim = make_claim(order)
    claim.refresh_from_db()
    order.refresh_from_db()
    assert only_row() == {
        "code": claim.code,
        "status": "submitted",
        "kind": "sms_not_received",
        "filed_at": iso(claim.filed_at),
        "closed_at": "",
        "order_id": order.shop_id,
        "customer_email": "ann@example.com",
        "phone": f"'{order.number.phone}",
        "service": "telegram",
        "country": "GB",
        "supplier": "north",
        "channel": "api",
        "two_factor": "false",
        "price": "2.50",
        "currency": "EUR",
        "purchased_at": iso(order.purchased_at),
        "allotted_until": iso(order.allotted_until),
        "claims_close_at": iso(order.claims_close_at),
        "sms_received_at": iso(order.sms_received_at),
        "activation": "sms_received",
        "policy_version": "2026-04-01",
        "terms_version": "2026-04-01",
        "reason": REASON,
        "failed_clauses": "",
        "reviewer_questions": "terms activation-complete server-side api-misuse third-party",
        "decision": "",
        "decision_clause": "",
        "terms_section": "",
        "decision_note": "",
        "decided_by": "",
        "decided_at": "",
        "returned_amount": "",
        "returned_at": "",
        "evidence_waiting": "0",
        "evidence_accepted": "0",
        "evidence_refused": "0",
    }


def test_a_refunded_claim_fills_the_columns_of_its_decision(ann, sue):
    claim = make_claim(make_order(ann, sms=True, price="12.00"))
    approve(claim, sue)
    claim.refresh_from_db()
    row = only_row()
    assert row["status"] == "refunded"
    assert row["decision"] == "refund"
    assert row["decision_clause"] == ""
    assert row["decision_note"] == NOTE
    assert row["decided_by"] == "sue@example.com"
    assert row["decided_at"] == row["returned_at"] == row["closed_at"] == iso(claim.closed_at)
    assert row["returned_amount"] == "12.00"


def test_a_rejected_claim_names_its_clause_and_the_section_of_the_terms(ann, sue):
    reject(make_claim(make_order(ann, sms=True)), sue)
    row = only_row()
    assert row["decision"] == "rejection"
    assert row["decision_clause"] == "terms"
    assert row["terms_section"] == "4.2"
    assert row["returned_amount"] == ""


def test_failed_clauses_are_those_of_the_newest_receipt(ann, sue):
    order = make_order(ann, service="telegram", completed=True)
    claim = make_claim(order, kind="invalid_number", proofs=("screenshot",))
    assert only_row()["failed_clauses"] == ""
    Number.objects.update(two_factor=True)
    reject(claim, sue)
    row = only_row()
    assert row["failed_clauses"] == "telegram-2fa-video"
    assert row["reviewer_questions"] == "terms proof third-party"


@pytest.mark.parametrize(
    ("shop", "customer", "written"),
    [(False, False, "false"), (True, False, "true"), (False, True, "true"), (True, True, "true")],
)
def test_two_factor_is_true_when_shop_or_customer_says_so(ann, shop, customer, written):
    make_claim(make_order(ann, two_factor=shop), customer_two_factor=customer)
    assert only_row()["two_factor"] == written


def test_evidence_is_counted_by_state(ann):
    order = make_order(ann, completed=True)
    claim = make_claim(order, kind="invalid_number", proofs=("screenshot", "video"))
    for state in ("waiting", "waiting", "waiting", "refused"):
        upload = make_upload(order, state=state)
        claim.evidence.create(upload=upload, added_at=timezone.now())
    row = only_row()
    assert row["evidence_waiting"] == "3"
    assert row["evidence_accepted"] == "2"
    assert row["evidence_refused"] == "1"


@pytest.mark.parametrize(
    "reason",
    [
        'She said "no code", and\nthen, on a second line,\r\n"nothing" again; 50% of the time.',
        "Код не пришёл, 验证码没有收到, لم يصل الرمز, 😀 — ждал двадцать минут.",
        "A backslash \\ and \\. and \\N and a tab\tand a comma, and a ' and nothing else.",
    ],
)
def test_text_comes_back_through_csv_as_it_was_written(ann, reason):
    make_claim(make_order(ann), reason=reason)
    assert only_row()["reason"] == reason


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


# The fields by table, each with its column of the export.
TEXT_FIELDS = {
    "claims_claim": {
        "code": "code",
        "status": "status",
        "kind": "kind",
        "terms_version": "terms_version",
        "reason": "reason",
    },
    "claims_number": {
        "phone": "phone",
        "service": "service",
        "country": "country",
        "supplier": "supplier",
    },
    "claims_order": {
        "shop_id": "order_id",
        "channel": "channel",
        "activation": "activation",
        "currency": "currency",
    },
    "claims_policyversion": {"name": "policy_version"},
    "claims_decision": {
        "outcome": "decision",
        "clause": "decision_clause",
        "terms_section": "terms_section",
        "note": "decision_note",
    },
}


ALL_FIELDS = TEXT_FIELDS | {"accounts_user": {"email": ""}}


def shadow_tables() -> None:
    """Hide the tables behind copies without checks and lengths.

    Temporary tables are found before others, and are gone with the test's transaction.
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


def test_numbers_stay_numbers(ann, sue):
    """Checked where a guard would show: the smallest price is still no text."""
    approve(make_claim(make_order(ann, sms=True, price="0.01")), sue)
    lines = b"".join(claims_csv(Claim.objects.all())).decode().splitlines()
    assert ",0.01,EUR," in lines[1]
    assert lines[1].endswith(",0,0,0")
    row = only_row()
    assert Decimal(row["price"]) == Decimal(row["returned_amount"]) == Decimal("0.01")


@pytest.mark.parametrize(
    "text", ["100% sure", "it's %s", "%(name)s", "50%% off", "back\\slash'", 'double "quotes"']
)
def test_a_search_for_signs_that_sql_knows_finds_the_claim(ann, text):
    wanted = make_claim(make_order(ann), reason=f"The code never arrived, {text}, I say.")
    make_claim(make_order(ann))
    found = Claim.objects.filter(
        Q(reason__icontains=text) | Q(order__customer__email__icontains=text)
    )
    assert [row["code"] for row in rows(found)] == [wanted.code]


def test_filters_joins_order_and_slice_of_the_queryset_are_kept(ann, bob):
    claims = [make_claim(make_order(ann, price=f"{euros}.00")) for euros in (3, 1, 4, 2)]
    make_claim(make_order(bob))
    mine = Claim.objects.filter(order__customer=ann).order_by("-order__price")
    assert [row["price"] for row in rows(mine)] == ["4.00", "3.00", "2.00", "1.00"]
    assert [row["code"] for row in rows(mine[1:3])] == [claims[0].code, claims[3].code]


def test_distinct_over_a_join_writes_each_claim_once(ann):
    order = make_order(ann, completed=True)
    claim = make_claim(order, kind="invalid_number", proofs=("screenshot", "video"))
    seen = Claim.objects.filter(evidence__upload__state="accepted").order_by("-order__price")
    assert len(rows(seen)) == 2
    row = only_row(seen.distinct())
    assert row["code"] == claim.code
    assert list(row) == [column.name for column in COLUMNS]


def test_annotations_of_a_list_are_no_columns_and_group_nothing(ann):
    order = make_order(ann, completed=True)
    claim = make_claim(order, kind="invalid_number", proofs=("screenshot", "video"))
    listed = (
        Claim.objects.annotate(files=Count("evidence"))
        .filter(files=2)
        .select_related("order__number")
        .only("code")
        .order_by("-files")
    )
    row = only_row(listed)
    assert row["code"] == claim.code
    assert row["evidence_accepted"] == "2"
    assert list(row) == [column.name for column in COLUMNS]


@pytest.mark.parametrize("nothing", [{"pk__in": []}, {"code": "CLM-NONE"}])
def test_no_claims_are_a_line_of_column_names(ann, nothing):
    make_claim(make_order(ann))
    header = ",".join(column.name for column in COLUMNS)
    for claims in (Claim.objects.filter(**nothing), Claim.objects.none()):
        assert b"".join(claims_csv(claims)).decode() == f"{header}\n"


def test_times_are_utc_whatever_zone_the_session_has(ann):
    claim = make_claim(make_order(ann))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TimeZone = 'Asia/Kathmandu'")
        cursor.execute("SET LOCAL DateStyle = 'German'")
    written = only_row()["filed_at"]
    assert written == iso(claim.filed_at)
    assert datetime.fromisoformat(written) == claim.filed_at


def test_pieces_are_bytes_of_about_64_kilobytes(ann):
    make_long_claims(ann)
    pieces = list(claims_csv(Claim.objects.all()))
    assert [type(piece) for piece in pieces] == [bytes, bytes]
    assert CHUNK <= len(pieces[0]) < CHUNK + 5000
    assert len(rows()) == LONG_CLAIMS


def test_nothing_runs_before_the_first_piece_is_asked_for(ann, django_assert_num_queries):
    make_claim(make_order(ann))
    with django_assert_num_queries(0):
        claims_csv(Claim.objects.all())


def test_a_reader_who_leaves_early_leaves_the_connection_usable(ann):
    make_long_claims(ann)
    pieces = claims_csv(Claim.objects.all())
    next(pieces)
    pieces.close()
    assert Claim.objects.count() == LONG_CLAIMS
    assert len(rows()) == LONG_CLAIMS


def test_a_reader_who_leaves_early_leaves_no_transaction_open(real_commits, django_db_blocker):
    with django_db_blocker.unblock():
        ann = make_user("ann@example.com")
        make_long_claims(ann)
        pieces = claims_csv(Claim.objects.all())
        next(pieces)
        assert connection.in_atomic_block
        pieces.close()
        assert not connection.in_atomic_block
        assert len(rows()) == LONG_CLAIMS


def test_every_column_is_documented_in_its_order(project_root: Path):
    text = (project_root / "docs" / "export.md").read_text()
    documented = re.findall(r"^\| `(\w+)` \|", text, flags=re.MULTILINE)
    assert documented == [column.name for column in COLUMNS]
