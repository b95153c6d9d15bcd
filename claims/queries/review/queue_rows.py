"""The rows of one page of the queue, without a model of each claim.

Fifty models, and statements written anew for each page, took longer than the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple

from django.conf import settings
from django.db import connection

from claims.models import Upload
from claims.models.refundable import refundable_sql
from claims.models.two_factor import two_factor_sql

# The names are those of `User.__str__`.
ROWS: Final = f"""
SELECT claim.id, claim.code, claim.kind, claim.status,
       claim.service, coalesce(number.service_sent, ''), claim.country, claim.channel,
       {two_factor_sql(claim="claim", number="number")},
       number.id IS NULL,
       bought.shop_id, {refundable_sql("bought")}, bought.currency,
       claim.filed_at, claim.due_at, claim.closed_at, claim.outcomes, claim.is_repeated,
       claim.approval_id IS NOT NULL,
       coalesce(nullif(assignee.display_name, ''), assignee.email, ''), claim.assignee_id,
       coalesce(nullif(holder.display_name, ''), holder.email, ''), lease.holder_id, lease.until
  FROM claims_claim AS claim
  JOIN claims_order AS bought ON bought.id = claim.order_id
  LEFT JOIN claims_number AS number ON number.id = bought.number_id
  LEFT JOIN accounts_user AS assignee ON assignee.id = claim.assignee_id
  LEFT JOIN claims_lease AS lease ON lease.claim_id = claim.id
  LEFT JOIN accounts_user AS holder ON holder.id = lease.holder_id
 WHERE claim.id = ANY(%s)
"""  # noqa: S608 - only names of columns are put in
FILES: Final = """
SELECT evidence.claim_id, upload.token, upload.kind, upload.state, upload.scan,
       EXISTS (SELECT 1 FROM claims_rendition AS made
                WHERE made.upload_id = upload.id AND made.role = 'thumbnail')
  FROM claims_evidence AS evidence
  JOIN claims_upload AS upload ON upload.id = evidence.upload_id
 WHERE evidence.claim_id = ANY(%s)
 ORDER BY evidence.added_at, evidence.id
"""


class QueueFile(NamedTuple):
    """The parts of a claim's file that a row shows."""

    claim_id: int
    token: str
    kind: str
    state: str
    scan: str
    has_thumbnail: bool

    @property
    def is_held_back(self) -> bool:
        """The same as `Upload.is_held_back`."""
        unscanned = self.state == Upload.State.ACCEPTED and self.scan != Upload.Scan.CLEAN
        return unscanned and settings.MALWARE_SCAN == "required"


class QueueRow(NamedTuple):
    """The parts of a claim that a row shows."""

    pk: int
    code: str
    kind: str
    status: str
    service: str
    """The slug; '' while the service is unknown."""
    service_sent: str
    country: str
    channel: str
    two_factor: bool
    is_top_up: bool
    shop_id: str
    price: Decimal
    currency: str
    filed_at: datetime
    due_at: datetime
    closed_at: datetime | None
    outcomes: str
    is_repeated: bool
    needs_second: bool
    assignee: str
    """The assignee's name; '' without one."""
    assignee_id: int | None
    holder: str
    """The name of the person who took the claim last."""
    holder_id: int | None
    held_until: datetime | None
    files: list[QueueFile]


def rows_of(claim_ids: Sequence[int]) -> list[QueueRow]:
    """Return the rows of these claims, in the given order, in two queries."""
    keys = list(claim_ids)
    by_claim: dict[int, list[QueueFile]] = {key: [] for key in keys}
    with connection.cursor() as cursor:
        cursor.execute(ROWS, [keys])
        found = {row[0]: row for row in cursor.fetchall()}
        cursor.execute(FILES, [keys])
        for row in cursor.fetchall():
            by_claim[row[0]].append(QueueFile(*row))
    return [QueueRow._make([*found[key], by_claim[key]]) for key in keys if key in found]
