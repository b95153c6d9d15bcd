from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone

from claims.models import Claim, Number
from claims.reports import claims_csv
from claims.reports.columns import COLUMNS
from tests.claims.reports.reading import NOTE, approve, iso, only_row, reject, rows
from tests.makers import REASON, make_claim, make_order, make_upload


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
        "service_sent": "telegram",
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
        "answers": "",
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
    assert set(row["answers"].split()) == {
        "terms=met",
        "activation-complete=met",
        "server-side=met",
        "third-party=met",
    }
    assert row["decided_by"] == "sue@example.com"
    assert row["decided_at"] == row["returned_at"] == row["closed_at"] == iso(claim.closed_at)
    assert row["returned_amount"] == "12.00"


def test_a_rejected_claim_names_its_clause_and_the_section_of_the_terms(ann, sue):
    reject(make_claim(make_order(ann, sms=True)), sue)
    row = only_row()
    assert row["decision"] == "rejection"
    assert row["decision_clause"] == "terms"
    assert row["terms_section"] == "4.2"
    assert row["answers"] == "terms=failed"
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


def test_numbers_stay_numbers(ann, sue):
    """A guard would show at the smallest price: it must stay a number."""
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


def test_every_column_is_documented_in_its_order(project_root: Path):
    text = (project_root / "docs" / "export.md").read_text()
    documented = re.findall(r"^\| `(\w+)` \|", text, flags=re.MULTILINE)
    assert documented == [column.name for column in COLUMNS]
