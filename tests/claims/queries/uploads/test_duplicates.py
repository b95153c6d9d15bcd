"""Evidence that another claim also shows."""

import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from claims import queries
from claims.actions.uploads.files import remove_files
from claims.actions.uploads.inspection import finish_inspection
from claims.inspection import InspectionReport
from claims.models import Claim, Fingerprint, Upload
from claims.models.fingerprint import BANDS, BITS, bands_of, neighbours_of
from claims.queries.uploads import duplicates
from tests.makers import make_claim, make_order, make_upload

FACE = random.Random(0).getrandbits(BITS)


def flipped(bits: int, count: int, seed: int = 0) -> str:
    for at in random.Random(seed).sample(range(BITS), count):
        bits ^= 1 << at
    return f"{bits:064x}"


def claim_with(customer, *faces: str) -> Claim:
    """Return a claim with one screenshot for each fingerprint, each a different file."""
    claim = make_claim(make_order(customer), proofs=("screenshot",) * max(1, len(faces)))
    for item, face in zip(claim.evidence.order_by("pk"), faces, strict=False):
        Upload.objects.filter(pk=item.upload_id).update(sha256=f"{item.upload_id:064x}")
        Fingerprint.of(item.upload, position=0, bits=face).save()
    return claim


def found(claim: Claim) -> list[tuple[Claim, int | None]]:
    uploads = [item.upload for item in queries.evidence_of(claim)]
    by_upload = queries.duplicates_of(claim, uploads)
    return [
        (each.evidence.claim, each.apart)
        for upload in uploads
        for each in by_upload.get(upload.pk, [])
    ]


def test_inspection_keeps_the_fingerprints(ann):
    upload = make_upload(make_order(ann))
    report = InspectionReport(
        ok=True, sha256="ab" * 32, size=1, fingerprints=("ab" * 32, "cd" * 32), said={"device": "x"}
    )

    assert finish_inspection(upload_id=upload.pk, report=report, stored=[], now=timezone.now())

    upload.refresh_from_db()
    kept = list(upload.fingerprints.order_by("position").values_list("position", "bits"))
    assert kept == [(0, "ab" * 32), (1, "cd" * 32)]
    assert upload.report["said"] == {"device": "x"}


def test_what_looks_alike_is_found_nearest_first_in_claims_of_anybody(ann, bob):
    mine = claim_with(ann, flipped(FACE, 0))
    near, far = claim_with(bob, flipped(FACE, 4)), claim_with(ann, flipped(FACE, 20))
    claim_with(bob, flipped(FACE, 60))

    assert found(mine) == [(near, 4), (far, 20)]


def test_files_of_the_same_claim_are_no_duplicates(ann):
    assert found(claim_with(ann, flipped(FACE, 0), flipped(FACE, 1))) == []


def test_files_that_no_claim_shows_are_no_duplicates(ann):
    mine = claim_with(ann, flipped(FACE, 0))
    unused = make_upload(make_order(ann), content=b"another", state="accepted")
    Fingerprint.of(unused, position=0, bits=flipped(FACE, 0)).save()

    assert found(mine) == []


def test_the_very_same_file_comes_first_and_once(ann, bob):
    mine, other = claim_with(ann, flipped(FACE, 0)), claim_with(bob, flipped(FACE, 2))
    near = claim_with(bob, flipped(FACE, 1))
    Upload.objects.filter(evidence__claim__in=[mine, other]).update(sha256="ab" * 32)

    assert found(mine) == [(other, None), (near, 1)]


def test_a_removed_file_is_known_by_its_hash_and_no_longer_by_its_looks(ann, bob):
    mine = claim_with(ann, flipped(FACE, 0))
    same, alike = claim_with(bob, flipped(FACE, 0)), claim_with(bob, flipped(FACE, 0))
    Upload.objects.filter(evidence__claim__in=[mine, same]).update(sha256="ab" * 32)
    for upload in Upload.objects.filter(evidence__claim__in=[same, alike]):
        remove_files(upload, now=timezone.now())

    assert found(mine) == [(same, None)]
    assert Fingerprint.objects.count() == 1


def test_a_claim_is_told_of_six_at_most(ann, bob):
    mine = claim_with(ann, flipped(FACE, 0))
    for bits in range(8):
        claim_with(bob, flipped(FACE, bits))

    assert [apart for _, apart in found(mine)] == [0, 1, 2, 3, 4, 5]


def test_six_files_are_looked_up_in_as_many_queries_as_one(ann, bob):
    one, six = (
        claim_with(ann, flipped(FACE, 0)),
        claim_with(ann, *[flipped(FACE, n) for n in range(5)]),
    )
    claim_with(bob, flipped(FACE, 3))

    def count(claim):
        uploads = [item.upload for item in queries.evidence_of(claim)]
        with CaptureQueriesContext(connection) as captured:
            assert queries.duplicates_of(claim, uploads)
        return len(captured)

    assert count(one) == count(six)


@pytest.mark.parametrize("seed", range(300))
def test_fingerprints_within_the_promised_distance_share_a_band(seed):
    chance = random.Random(seed)
    bits = chance.getrandbits(BITS)
    other = flipped(bits, chance.randint(0, 2 * BANDS - 1), seed)

    assert set(neighbours_of(f"{bits:064x}")) & {band for band, _ in bands_of(other)}


def test_bands_hold_every_bit_once():
    bands = list(bands_of(f"{FACE:064x}"))
    whole = 0
    for band, width in bands:
        whole = whole << width | band & (1 << width) - 1

    assert whole == FACE
    assert len({band >> 20 for band, _ in bands}) == BANDS
    assert max(band for band, _ in bands_of("f" * 64)) < 2**31


def test_the_look_up_finds_what_a_comparison_with_all_finds(ann, bob):
    chance = random.Random(7)
    others = [flipped(FACE, chance.randint(0, 60), seed) for seed in range(60)]
    theirs = make_claim(make_order(bob), proofs=("screenshot",))
    upload = theirs.evidence.get().upload
    Fingerprint.objects.bulk_create(
        Fingerprint.of(upload, position=at, bits=bits) for at, bits in enumerate(others)
    )
    nearest = min((int(bits, 16) ^ FACE).bit_count() for bits in others)

    rows = look_up(claim_with(ann, flipped(FACE, 0)))

    assert [row[2] for row in rows] == [nearest]


def look_up(claim: Claim, explain: str = "") -> list[tuple[int, int, int]]:
    prints = Fingerprint.objects.filter(upload__evidence__claim=claim)
    given = duplicates.look_up(claim, list(prints.values_list("upload_id", "bits")))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(explain + duplicates.LOOK_UP, given)
        return list(cursor.fetchall())


def test_the_look_up_goes_by_the_index(ann):
    plan = "\n".join(row[0] for row in look_up(claim_with(ann, flipped(FACE, 0)), "EXPLAIN "))

    assert "Bitmap Index Scan on fingerprints_by_band" in plan
    assert "Seq Scan on claims_fingerprint" not in plan


def test_an_empty_hash_matches_nothing(ann, bob):
    mine, other = claim_with(ann), claim_with(bob)
    Upload.objects.filter(evidence__claim__in=[mine, other]).update(sha256="ab" * 32)
    assert found(mine) == [(other, None)]

    assert duplicates._same(mine, [Upload(sha256="")]) == {}
