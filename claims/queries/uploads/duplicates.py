"""Evidence that another claim shows too: the same file, or one that looks the same.

It is a hint for a reviewer, never a verdict. See docs/adr/0012.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, transaction

from claims.models import Claim, Evidence, Fingerprint, Upload
from claims.models.fingerprint import BITS, neighbours_of

ALIKE: Final = 28
"""The most bits in which two similar fingerprints differ. Measured in docs/adr/0012."""
MOST: Final = 6
"""The most duplicates of each file; the nearest ones are kept."""
COMMON: Final = 100
"""The most fingerprints that are compared for one band. A band that more of them share says little,
and a flood of pictures with one layout must not make the page slow."""

LOOK_UP: Final = f"""
WITH mine AS (
    SELECT * FROM unnest(%(uploads)s::bigint[], %(fingerprints)s::text[])
    WITH ORDINALITY AS given (upload_id, bits, number)
),
near AS (
    SELECT mine.upload_id AS mine, found.upload_id AS other, min(
        bit_count(('x' || found.bits)::bit({BITS}) # ('x' || mine.bits)::bit({BITS}))
    ) AS apart
    FROM unnest(%(numbers)s::int[], %(bands)s::int[]) AS wanted (number, band)
    JOIN mine USING (number)
    CROSS JOIN LATERAL (
        SELECT upload_id, bits FROM claims_fingerprint
        WHERE bands @> ARRAY[wanted.band] LIMIT {COMMON}
    ) AS found
    GROUP BY mine.upload_id, found.upload_id
),
ranked AS (
    SELECT near.*, row_number() OVER (PARTITION BY mine ORDER BY apart, other DESC) AS rank
    FROM near
    JOIN claims_evidence ON claims_evidence.upload_id = other
    WHERE apart <= {ALIKE} AND claims_evidence.claim_id <> %(claim)s
)
SELECT mine, other, apart FROM ranked WHERE rank <= {MOST}
"""  # noqa: S608  # the numbers above; everything else is a parameter


@dataclass(frozen=True, kw_only=True)
class Duplicate:
    """A file of another claim."""

    evidence: Evidence
    """Fetched with its claim, order, customer, and upload with renditions."""
    apart: int | None
    """The bits in which the fingerprints differ; None if it is the very same file."""


def duplicates_of(claim: Claim, uploads: Collection[Upload]) -> dict[int, list[Duplicate]]:
    """Return the duplicates of each of these uploads of the claim by its id, the nearest first.

    The very same file counts even after its removal, when only its row is left.
    """
    found = _alike(claim, uploads)
    for mine, others in _same(claim, uploads).items():
        found[mine].update(dict.fromkeys(others))
    shown = Evidence.objects.filter(upload__in={other for pair in found.values() for other in pair})
    shown = shown.select_related("upload", "claim__order__customer")
    by_upload = {each.upload_id: each for each in shown.prefetch_related("upload__renditions")}
    return {mine: _nearest(others, by_upload) for mine, others in found.items()}


def _nearest(others: dict[int, int | None], shown: dict[int, Evidence]) -> list[Duplicate]:
    """Return the duplicates in order: the very same file, then by distance, then the newest."""
    duplicates = [
        Duplicate(evidence=shown[other], apart=apart)
        for other, apart in others.items()
        if other in shown
    ]
    duplicates.sort(key=lambda each: each.evidence.upload_id, reverse=True)
    duplicates.sort(key=lambda each: -1 if each.apart is None else each.apart)
    return duplicates[:MOST]


def _same(claim: Claim, uploads: Collection[Upload]) -> dict[int, list[int]]:
    hashes = {upload.sha256 for upload in uploads} - {""}
    others = Upload.objects.filter(sha256__in=hashes, evidence__isnull=False)
    others = others.exclude(evidence__claim=claim).order_by("-pk")
    same: dict[int, list[int]] = {}
    for other, sha256 in others.values_list("pk", "sha256"):
        for upload in uploads:
            if upload.sha256 == sha256 and len(same.setdefault(upload.pk, [])) < MOST:
                same[upload.pk].append(other)
    return same


def _alike(claim: Claim, uploads: Collection[Upload]) -> dict[int, dict[int, int | None]]:
    """Return, by upload, the similar uploads and the bits in which they differ."""
    found: dict[int, dict[int, int | None]] = defaultdict(dict)
    prints = Fingerprint.objects.filter(upload__in=uploads).values_list("upload_id", "bits")
    near = _near(look_up(claim, list(prints))) if prints else []
    for mine, other, apart in near:
        found[mine][other] = apart
    return found


def look_up(claim: Claim, prints: Sequence[tuple[int, str]]) -> dict[str, Any]:
    """Return the parameters of `LOOK_UP` for uploads and their fingerprints."""
    wanted = [
        (number, band)
        for number, (_, bits) in enumerate(prints, start=1)
        for band in neighbours_of(bits)
    ]
    return {
        "claim": claim.pk,
        "uploads": [upload for upload, _ in prints],
        "fingerprints": [bits for _, bits in prints],
        "numbers": [number for number, _ in wanted],
        "bands": [band for _, band in wanted],
    }


def _near(parameters: dict[str, Any]) -> list[tuple[int, int, int]]:
    with transaction.atomic(), connection.cursor() as cursor:
        # The planner can't know how rare a band is, and would read the whole table for each.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(LOOK_UP, parameters)
        found: list[tuple[int, int, int]] = cursor.fetchall()
        cursor.execute("SET LOCAL enable_seqscan = on")
    return found
