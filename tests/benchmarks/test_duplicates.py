"""The time of a look-up among a million fingerprints, against reading them all."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest
from django.db import connection, transaction

from claims.models import Fingerprint
from claims.models.fingerprint import BITS, bands_of
from claims.queries.uploads import duplicates
from tests.makers import make_claim, make_order, make_user

FINGERPRINTS = 1_000_000
LAYOUTS = 50
SHARE_OF_LAYOUTS = 0.2
"""The share of screens that have their app's layout in common. A quarter of their bits differ
from it, as in one page with other words."""
NEAR_COPIES = (0, 2, 8, 14, 20)
"""Bits in which what is to be found differs."""
ROUNDS = 5
Answer = TypeVar("Answer")
LEAST_RATIO = 10
LONGEST = 0.05
"""Seconds for one picture."""
FULL_PAGE = 48
"""Fingerprints of a claim that shows six videos."""

SCAN = f"""
SELECT upload_id FROM claims_fingerprint
WHERE bit_count(('x' || bits)::bit({BITS}) # ('x' || %s)::bit({BITS})) <= {duplicates.ALIKE}
"""

pytestmark = pytest.mark.benchmark


def test_a_look_up_among_a_million_takes_milliseconds(real_commits, django_db_blocker):
    with django_db_blocker.unblock():
        chance = random.Random(1)
        layouts = [chance.getrandbits(BITS) for _ in range(LAYOUTS)]
        generate(chance, layouts)
        alone = measure(chance.getrandbits(BITS), "a picture like no other")
        crowded = measure(screen(chance, layouts), "a screen like thousands of others")
        measure_page([chance.getrandbits(BITS) for _ in range(FULL_PAGE)])
    assert alone >= LEAST_RATIO
    assert crowded >= LEAST_RATIO


def generate(chance: random.Random, layouts: list[int]) -> None:
    """Insert fingerprints without the index, which is then built at once, and without uploads."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DROP INDEX fingerprints_by_band")
        with cursor.copy(
            "COPY claims_fingerprint (upload_id, position, bits, bands) FROM STDIN"
        ) as copy:
            for row in rows(chance, layouts):
                copy.write_row(row)
        cursor.execute(
            "CREATE INDEX fingerprints_by_band ON claims_fingerprint"
            " USING gin (bands) WITH (fastupdate = off)"
        )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE claims_fingerprint")


def rows(chance: random.Random, layouts: list[int]) -> Iterator[tuple[Any, ...]]:
    for number in range(FINGERPRINTS):
        seen = screen(chance, layouts)
        if chance.random() >= SHARE_OF_LAYOUTS:
            seen = chance.getrandbits(BITS)
        bits = f"{seen:064x}"
        yield 10_000_000 + number, 0, bits, [band for band, _ in bands_of(bits)]


def screen(chance: random.Random, layouts: list[int]) -> int:
    other_words = chance.getrandbits(BITS) & chance.getrandbits(BITS)
    return chance.choice(layouts) ^ other_words


def measure(face: int, what: str) -> float:
    """Return how many times longer the scan takes; check that both find the same near copies."""
    ann = make_user(f"{face % 10**9}@example.com")
    mine, theirs = (make_claim(make_order(ann), proofs=("screenshot",)) for _ in range(2))
    upload = theirs.evidence.get().upload
    for position, apart in enumerate(NEAR_COPIES):
        near = face ^ ((1 << apart) - 1) << 50
        Fingerprint.of(upload, position=position, bits=f"{near:064x}").save()
    given = duplicates.look_up(mine, [(mine.evidence.get().upload_id, f"{face:064x}")])
    print(f"\n{what}:\n{plan_of(given)}")

    found, by_index = timed(lambda: duplicates._near(given))
    scanned, by_scan = timed(lambda: scan(f"{face:064x}"))
    ratio = by_scan / by_index
    print(f"look-up {by_index * 1000:.1f} ms, scan {by_scan * 1000:.0f} ms, ratio {ratio:.0f}")

    assert [(other, apart) for _, other, apart in found] == [(upload.pk, 0)]
    assert scanned.count((upload.pk,)) == len(NEAR_COPIES)
    assert by_index < LONGEST
    return ratio


def measure_page(faces: list[int]) -> None:
    """Measure one look-up for all the files of a review page."""
    ann = make_user("page@example.com")
    mine = make_claim(make_order(ann), proofs=("video",) * 6)
    uploads = mine.evidence.values_list("upload_id", flat=True).order_by("upload_id")
    each = FULL_PAGE // len(uploads)
    prints = [(uploads[at // each], f"{face:064x}") for at, face in enumerate(faces)]
    given = duplicates.look_up(mine, prints)

    found, seconds = timed(lambda: duplicates._near(given))

    print(f"a page with {FULL_PAGE} fingerprints: {seconds * 1000:.1f} ms")
    assert found == []


def scan(bits: str) -> list[tuple[int]]:
    with connection.cursor() as cursor:
        cursor.execute(SCAN, [bits])
        return list(cursor.fetchall())


def plan_of(given: dict[str, Any]) -> str:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN (ANALYZE, COSTS off) " + duplicates.LOOK_UP, given)
        plan = "\n".join(line[:120] for (line,) in cursor.fetchall())
    assert "Bitmap Index Scan on fingerprints_by_band" in plan
    return plan


def timed(work: Callable[[], Answer]) -> tuple[Answer, float]:
    """Return the answer, and the seconds of the best of some rounds."""
    best, answer = float("inf"), work()
    for _ in range(ROUNDS):
        began = time.perf_counter()
        answer = work()
        best = min(best, time.perf_counter() - began)
    return answer, best
