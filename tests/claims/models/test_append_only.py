"""History can't be changed, neither by a model nor in raw SQL."""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from claims.actions.review import notes
from claims.models import ApprovalLimit, Decision, Event
from tests.makers import ANSWERS, make_claim, make_order, newest_event
from tests.reviewing import approve, ask_for_evidence

APPEND_ONLY = [
    "accounts.CreditTransfer",
    "claims.Approval",
    "claims.Decision",
    "claims.Event",
    "claims.Message",
    "claims.Note",
    "claims.Receipt",
]
NEVER_DELETED = [
    *APPEND_ONLY,
    "accounts.CreditAccount",
    "claims.Claim",
    "claims.Number",
    "claims.Order",
]


def table(label):
    return apps.get_model(label)._meta.db_table


@pytest.fixture
def decided(ann, sue, max_):
    """Return a decided claim that took two people, with a note."""
    ApprovalLimit.objects.create(currency="EUR", amount=1)
    claim = make_claim(make_order(ann))
    notes.add_note(claim_id=claim.pk, by=sue, body="Look twice.", now=timezone.now())
    ask_for_evidence(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), note="Which app?", now=timezone.now()
    )
    for person in (sue, max_):
        approve(
            claim_id=claim.pk,
            by=person,
            seen=newest_event(claim),
            answers=ANSWERS,
            note="",
            now=timezone.now(),
        )


def refused(statement, match=r"Cannot (update or )?delete|are never truncated"):
    with connection.cursor() as cursor:
        # A table with deferred checks can't be truncated for that reason alone.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with (
            pytest.raises(DatabaseError, match=match),
            transaction.atomic(),
        ):
            cursor.execute(statement)


@pytest.mark.parametrize("label", APPEND_ONLY)
def test_a_row_is_never_changed(label, decided):
    assert apps.get_model(label).objects.exists()
    refused(f"UPDATE {table(label)} SET id = id")


@pytest.mark.parametrize("label", NEVER_DELETED)
def test_a_row_is_never_deleted(label, decided):
    assert apps.get_model(label).objects.exists()
    refused(f"DELETE FROM {table(label)}")


@pytest.mark.parametrize("label", [*NEVER_DELETED, "claims.PolicyVersion"])
def test_a_table_is_never_emptied(label, decided):
    refused(f"TRUNCATE {table(label)} CASCADE")


@pytest.mark.parametrize("field", ["phone", "service", "country", "service_sent"])
def test_a_number_stays_what_was_sold(field, decided):
    refused(f"UPDATE claims_number SET {field} = 'xx'", match="Cannot update rows")


def columns(model):
    return [field.column for field in model._meta.concrete_fields]


@pytest.mark.parametrize(
    ("table", "column"),
    [(model._meta.db_table, column) for model in (Event, Decision) for column in columns(model)],
)
def test_no_column_of_what_happened_and_was_decided_is_changed(table, column, decided):
    refused(f"UPDATE {table} SET {column} = {column}")
