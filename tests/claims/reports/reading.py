"""Claims that are decided, and the export read back as a spreadsheet would."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

from django.utils import timezone

from accounts.models import User
from claims.models import Claim
from claims.reports import claims_csv
from tests import reviewing
from tests.makers import ANSWERS, newest_event

NOTE = "The supplier confirms that the code was never sent."


def rows(claims=None) -> list[dict[str, str]]:
    everything = b"".join(claims_csv(Claim.objects.all() if claims is None else claims))
    return list(csv.DictReader(io.StringIO(everything.decode(), newline="")))


def only_row(claims=None) -> dict[str, str]:
    (row,) = rows(claims)
    return row


def iso(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def approve(claim: Claim, by: User, note: str = NOTE) -> None:
    reviewing.approve(
        claim_id=claim.pk,
        by=by,
        seen=newest_event(claim),
        answers=ANSWERS,
        note=note,
        now=timezone.now(),
    )


def reject(claim: Claim, by: User, note: str = NOTE, section: str = "4.2") -> None:
    reviewing.reject(
        claim_id=claim.pk,
        by=by,
        seen=newest_event(claim),
        answers={},
        clause="terms",
        terms_section=section,
        note=note,
        now=timezone.now(),
    )
