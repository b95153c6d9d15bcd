"""The columns of the export, with their sources and formats.

`docs/export.md` explains each column.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BooleanField,
    Case,
    Count,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    TextField,
    When,
)
from django.db.models.expressions import Combinable

from claims.models import Evidence, Receipt, Upload
from claims.models.two_factor import IS_PROTECTED
from claims.policy import Outcome


class Form(Enum):
    """The format of a value."""

    TEXT = auto()
    """Any text, made safe for spreadsheets."""
    INSTANT = auto()
    """ISO 8601 in UTC, to the microsecond."""
    NUMBER = auto()
    COUNT = auto()
    """A number; 0 if there is nothing to count."""
    FLAG = auto()
    """`true` or `false`."""


@dataclass(frozen=True)
class Column:
    name: str
    source: str
    """A name in `SOURCES`."""
    form: Form = Form.TEXT
    element: int | None = None
    """The element of an array source, from 1."""


class _Clauses(Func):
    """The slugs of the findings with one outcome, separated by spaces."""

    # Turns the JSON array of slugs into text, without brackets, quotes and commas.
    template = (
        "translate(jsonb_path_query_array(%(expressions)s,"
        " '$[*] ? (@.outcome == \"%(outcome)s\").clause')::text, '[]\",', '')"
    )
    output_field = TextField()


class _Answers(Func):
    """The reviewer's answers, as `clause=answer` separated by spaces."""

    # Turns the JSON object of slugs and answers into text, without braces, quotes and commas.
    template = "replace(translate((%(expressions)s)::text, '{}\",', ''), ': ', '=')"
    output_field = TextField()


class _Array(Func):
    template = "ARRAY[%(expressions)s]"


def _newest_receipt() -> Subquery:
    """Return the failed and the reviewer's clauses of the newest receipt, with one look-up."""
    clauses = _Array(
        _Clauses("findings", outcome=Outcome.FAILED.value),
        _Clauses("findings", outcome=Outcome.FOR_REVIEWER.value),
        output_field=ArrayField(TextField()),
    )
    receipts = Receipt.objects.filter(claim=OuterRef("pk")).order_by("-made_at", "-pk")
    return Subquery(receipts.annotate(clauses=clauses).values("clauses")[:1])


EVIDENCE_STATES: Final = (Upload.State.WAITING, Upload.State.ACCEPTED, Upload.State.REFUSED)


def _evidence_counts() -> Subquery:
    """Return the number of files in each state, in the order of `EVIDENCE_STATES`."""
    counts = _Array(
        *(Count("pk", filter=Q(upload__state=state)) for state in EVIDENCE_STATES),
        output_field=ArrayField(IntegerField()),
    )
    evidence = Evidence.objects.filter(claim=OuterRef("pk")).order_by().values("claim")
    return Subquery(evidence.annotate(counts=counts).values("counts"))


SOURCES: Final[Mapping[str, Combinable]] = {
    "code": F("code"),
    "status": F("status"),
    "kind": F("kind"),
    "filed_at": F("filed_at"),
    "closed_at": F("closed_at"),
    "order_id": F("order__shop_id"),
    "customer_email": F("order__customer__email"),
    "phone": F("order__number__phone"),
    "service": F("service"),
    "service_sent": F("order__number__service_sent"),
    "country": F("order__number__country"),
    "supplier": F("order__number__supplier"),
    "channel": F("channel"),
    "two_factor": Case(
        When(IS_PROTECTED, then=True),
        default=False,
        output_field=BooleanField(),
    ),
    "price": F("order__price"),
    "currency": F("order__currency"),
    "purchased_at": F("order__purchased_at"),
    "allotted_until": F("order__allotted_until"),
    "claims_close_at": F("order__claims_close_at"),
    "sms_received_at": F("order__sms_received_at"),
    "activation": F("order__activation"),
    "policy_version": F("order__policy_version__name"),
    "terms_version": F("terms_version"),
    "reason": F("reason"),
    "clauses": _newest_receipt(),
    "evidence": _evidence_counts(),
    "decision": F("decision__outcome"),
    "decision_clause": F("decision__clause"),
    "terms_section": F("decision__terms_section"),
    "decision_note": F("decision__note"),
    "answers": _Answers("decision__answers"),
    "decided_by": F("decision__by__email"),
    "decided_at": F("decision__decided_at"),
    "returned_amount": F("order__return_transfer__amount"),
    "returned_at": F("order__returned_at"),
}

COLUMNS: Final = (
    Column("code", "code"),
    Column("status", "status"),
    Column("kind", "kind"),
    Column("filed_at", "filed_at", Form.INSTANT),
    Column("closed_at", "closed_at", Form.INSTANT),
    Column("order_id", "order_id"),
    Column("customer_email", "customer_email"),
    Column("phone", "phone"),
    Column("service", "service"),
    Column("service_sent", "service_sent"),
    Column("country", "country"),
    Column("supplier", "supplier"),
    Column("channel", "channel"),
    Column("two_factor", "two_factor", Form.FLAG),
    Column("price", "price", Form.NUMBER),
    Column("currency", "currency"),
    Column("purchased_at", "purchased_at", Form.INSTANT),
    Column("allotted_until", "allotted_until", Form.INSTANT),
    Column("claims_close_at", "claims_close_at", Form.INSTANT),
    Column("sms_received_at", "sms_received_at", Form.INSTANT),
    Column("activation", "activation"),
    Column("policy_version", "policy_version"),
    Column("terms_version", "terms_version"),
    Column("reason", "reason"),
    Column("failed_clauses", "clauses", element=1),
    Column("reviewer_questions", "clauses", element=2),
    Column("decision", "decision"),
    Column("decision_clause", "decision_clause"),
    Column("terms_section", "terms_section"),
    Column("decision_note", "decision_note"),
    Column("answers", "answers"),
    Column("decided_by", "decided_by"),
    Column("decided_at", "decided_at", Form.INSTANT),
    Column("returned_amount", "returned_amount", Form.NUMBER),
    Column("returned_at", "returned_at", Form.INSTANT),
    Column("evidence_waiting", "evidence", Form.COUNT, element=1),
    Column("evidence_accepted", "evidence", Form.COUNT, element=2),
    Column("evidence_refused", "evidence", Form.COUNT, element=3),
)
