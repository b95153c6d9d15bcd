"""A million claims, copied from a few that went through the real actions."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from claims.models import Claim
from tests import reviewing
from tests.makers import ANSWERS, make_claim, make_order, make_staff, make_user, newest_event

STATEMENTS = Path(__file__).with_name("generate_claims.sql")


def generate(claims: int, open_ones: int) -> None:
    """Make this many claims in an empty database."""
    ann, sue = make_user("ann@example.com"), make_staff("sue@example.com", "Support")
    make_claim(make_order(ann))
    make_claim(
        make_order(ann, service="telegram", two_factor=True, completed=True),
        kind="invalid_number",
        proofs=("screenshot", "video"),
    )
    make_claim(make_order(ann, sms=True), kind="major_defect")
    reviewing.ask_for_evidence(**_reviewed(make_claim(make_order(ann, sms=True)), sue))
    refund(make_claim(make_order(ann, sms=True)), by=sue)
    reject(make_claim(make_order(ann, sms=True), kind="major_defect"), by=sue)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(STATEMENTS.read_text(), {"claims": claims, "open": open_ones})
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _reviewed(claim: Claim, by: User) -> dict[str, Any]:
    return {
        "claim_id": claim.pk,
        "by": by,
        "seen": newest_event(claim),
        "note": "You are right, the code was ours to deliver.",
        "now": timezone.now() + timedelta(seconds=1),
    }


def refund(claim: Claim, *, by: User) -> None:
    reviewing.approve(**_reviewed(claim, by), answers=ANSWERS)


def reject(claim: Claim, *, by: User) -> None:
    reviewing.reject(**_reviewed(claim, by), answers={}, clause="critical-defect")
