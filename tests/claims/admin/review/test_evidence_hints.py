"""The review page's hints about a file: its metadata, and other claims that show it."""

from datetime import UTC, timedelta, timezone

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from claims.models import Claim, Fingerprint, Rendition, Upload
from tests.makers import make_claim, make_order

FACE = "ab" * 32
VERDICTS = ("fraud", "fake", "forged", "cheat", "recycled", "stolen", "scam")


def claim_with(customer, *, files: int = 1, sha256: str = "", face: str = FACE, **order) -> Claim:
    claim = make_claim(make_order(customer, **order), proofs=("screenshot",) * files)
    for item in claim.evidence.all():
        upload = item.upload
        upload.sha256 = sha256 or f"{upload.pk:064x}"
        upload.scan = Upload.Scan.CLEAN
        upload.save()
        Fingerprint.of(upload, position=0, bits=face).save()
        for role in ("thumbnail", "picture"):
            Rendition.objects.create(
                upload=upload,
                role=role,
                name=f"{upload.token}-{role}",
                media_type="image/webp",
                width=390,
                height=844,
                size=1,
                sha256="0" * 64,
            )
    return claim


def read(client, claim) -> str:
    response = client.get(reverse("admin:claims_claim_review", args=[claim.pk]))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_a_picture_used_in_another_customers_claim_is_shown_beside_this_one(ann, bob, sue, browse):
    earlier, mine = claim_with(bob), claim_with(ann)

    page = read(browse(sue), mine)

    shown, other = (
        reverse("portal:rendition", args=[claim.evidence.get().upload.token, "picture"])
        for claim in (mine, earlier)
    )
    assert f'class="seen__picture" href="{shown}"' in page
    assert f'data-compare="{earlier.code}" href="{other}"' in page
    assert 'data-do="compare"' in page
    assert "Nearly identical" in page
    assert f"another customer, {bob.email}" in page
    assert reverse("admin:claims_claim_review", args=[earlier.pk]) in page
    assert not any(word in page.lower() for word in VERDICTS)


def test_the_very_same_file_of_the_same_customer_is_said_to_be_so(ann, sue, browse):
    claim_with(ann, sha256="cd" * 32)

    page = read(browse(sue), claim_with(ann, sha256="cd" * 32))

    assert "The same file" in page
    assert "the same customer" in page


def test_what_is_farther_apart_only_looks_alike(ann, bob, sue, browse):
    claim_with(bob, face=f"{int(FACE, 16) ^ 0xFFFFF:064x}")

    page = read(browse(sue), claim_with(ann))

    assert "Looks similar" in page
    assert "Nearly identical" not in page


def test_a_new_picture_has_no_hint(ann, sue, browse):
    assert "Used before?" not in read(browse(sue), claim_with(ann))


def test_six_files_used_before_cost_as_many_queries_as_one(ann, bob, sue, browse):
    claim_with(bob)
    one, six = claim_with(ann), claim_with(ann, files=5)
    client = browse(sue)

    def count(claim):
        with CaptureQueriesContext(connection) as captured:
            assert "Used before?" in read(client, claim)
        return len(captured)

    assert count(one) == count(six)


@pytest.mark.parametrize(
    ("minutes", "zone", "before"),
    [
        (-1, UTC, True),
        (1, UTC, False),
        (-1, timezone(timedelta(hours=9)), True),
        (1, timezone(timedelta(hours=-9)), False),
        (-12 * 60 - 1, None, True),
        (-12 * 60 + 1, None, False),
    ],
)
def test_a_capture_before_the_purchase_is_told_when_no_zone_can_explain_it(
    ann, sue, browse, minutes, zone, before
):
    claim = claim_with(ann)
    captured = claim.order.purchased_at + timedelta(minutes=minutes)
    shown = captured.astimezone(zone) if zone else captured.astimezone(UTC).replace(tzinfo=None)
    say(claim, captured_at=shown.isoformat(timespec="seconds"))

    page = read(browse(sue), claim)

    assert ("captured before the order was purchased" in page) is before
    assert ("time zone unknown" in page) is (zone is None)


def say(claim: Claim, **said: str) -> None:
    upload = claim.evidence.get().upload
    upload.report = {"said": said}
    upload.save()


def test_device_software_and_editor_are_told_as_facts_and_escaped(ann, sue, browse):
    claim = claim_with(ann)
    say(claim, device="Pixel 8", software="<script>x</script>", edited_with="Picsart")

    page = read(browse(sue), claim)

    assert "<dd>Pixel 8</dd>" in page
    assert "&lt;script&gt;x&lt;/script&gt;" in page
    assert "<script>x" not in page
    assert "The file names an editing program: Picsart." in page
