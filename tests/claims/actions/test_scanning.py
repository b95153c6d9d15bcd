"""The malware scan of an upload: before anything is decoded, and what its answer changes."""

from __future__ import annotations

from html import unescape
from pathlib import Path

import pytest
from django.db.models import Q
from django.http import Http404
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from claims import access, storage
from claims.actions import filing, inspecting, scanning
from claims.inspection import malware
from claims.inspection.malware import ScannerUnavailable
from claims.models import Claim, Event, Evidence, Upload
from tests.clamd import answering, infected_screenshot, pretended_clamd
from tests.makers import make_claim, make_order, make_upload
from tests.media import make_screenshot

CUT_OFF = answering(b"INSTREAM size limit exceeded. ERROR\0")


@pytest.fixture
def no_clamd(settings, tmp_path: Path) -> None:
    settings.CLAMD_URL = f"unix://{tmp_path}/nobody.sock"


@pytest.fixture
def decoding_fails_the_test(monkeypatch) -> None:
    monkeypatch.setattr(inspecting, "inspect", lambda *args, **named: pytest.fail("decoded"))


def inspect(upload: Upload, *, attempt: int = 0) -> None:
    with TestCase.captureOnCommitCallbacks(execute=True):
        inspecting.inspect_upload(upload_id=upload.pk, clock=timezone.now, attempt=attempt)
    upload.refresh_from_db()


def files_in(place) -> list[str]:
    return [name for f in storage.folders(place) for name in storage.names_in(place, f)]


def make_scanned(customer) -> Upload:
    upload = make_upload(make_order(customer), content=make_screenshot())
    inspect(upload)
    return upload


def show(upload: Upload) -> Claim:
    claim = make_claim(upload.order)
    Evidence.objects.create(claim=claim, upload=upload, added_at=timezone.now())
    return claim


def test_malware_is_refused_before_anything_is_decoded(
    ann, settings, clamd, decoding_fails_the_test
):
    settings.CLAMD_URL = clamd
    upload = make_upload(make_order(ann), content=infected_screenshot())
    claim = show(upload)

    inspect(upload)

    claim.refresh_from_db()
    assert upload.state == Upload.State.REFUSED
    assert upload.report["problem"] == "malware"
    assert upload.report["malware_scan"] == "Test.Eicar.UNOFFICIAL"
    assert "Eicar" not in upload.problem
    assert "send that" in upload.problem
    assert (files_in(storage.spool()), files_in(storage.store())) == ([], [])
    assert claim.status == Claim.Status.WAITING_CUSTOMER
    assert claim.events.filter(kind=Event.Kind.EVIDENCE_REFUSED).count() == 1


def test_the_signature_is_told_to_the_reviewer_alone(ann, sue, client, settings, clamd):
    settings.CLAMD_URL = clamd
    upload = make_upload(make_order(ann), content=infected_screenshot())
    claim = show(upload)
    inspect(upload)

    client.force_login(sue)
    page = client.get(reverse("admin:claims_claim_review", args=[claim.pk])).content.decode()
    assert "malware found: Test.Eicar.UNOFFICIAL" in page
    assert f"/evidence/{upload.token}" not in page

    client.force_login(ann)
    page = client.get(claim.get_absolute_url()).content.decode()
    assert upload.problem in unescape(page)
    assert "Eicar" not in page


def test_without_the_scan_before_it_malware_would_be_decoded_and_kept(
    ann, settings, clamd, monkeypatch
):
    settings.CLAMD_URL = clamd
    monkeypatch.setattr(inspecting, "scan_original", lambda *args, **named: scanning.NO_SCAN)
    upload = make_upload(make_order(ann), content=infected_screenshot())

    inspect(upload)

    assert upload.state == Upload.State.ACCEPTED


def test_a_clean_file_says_so(ann, settings, clamd):
    settings.CLAMD_URL = clamd

    upload = make_scanned(ann)

    assert (upload.state, upload.scan) == ("accepted", "clean")


def test_without_a_scanner_nothing_is_called_clean(ann):
    upload = make_scanned(ann)

    assert (upload.state, upload.scan) == ("accepted", "not_scanned")


def test_what_the_scanner_cannot_finish_goes_on_unscanned_when_scans_are_optional(ann, settings):
    with pretended_clamd(CUT_OFF) as settings.CLAMD_URL:
        upload = make_scanned(ann)

    assert (upload.state, upload.scan) == ("accepted", "not_scanned")
    assert upload.report["malware_scan"] == "INSTREAM size limit exceeded. ERROR"


def test_what_the_scanner_cannot_finish_is_refused_when_scans_are_required(
    ann, settings, decoding_fails_the_test
):
    settings.MALWARE_SCAN = "required"
    with pretended_clamd(CUT_OFF) as settings.CLAMD_URL:
        upload = make_scanned(ann)

    assert (upload.state, upload.scan) == ("refused", "not_scanned")
    assert upload.report["problem"] == "not_scanned"
    assert "shorter recording" in upload.problem
    assert not upload.renditions.exists()


def test_an_optional_scan_is_waited_for_and_then_done_without(ann, no_clamd):
    upload = make_upload(make_order(ann), content=make_screenshot())
    for attempt in range(scanning.SCAN_TRIES - 1):
        with pytest.raises(ScannerUnavailable):
            inspect(upload, attempt=attempt)
    assert upload.state == Upload.State.WAITING

    inspect(upload, attempt=scanning.SCAN_TRIES - 1)

    assert (upload.state, upload.scan) == ("accepted", "not_scanned")


@pytest.mark.parametrize("attempt", [0, scanning.SCAN_TRIES, 10_000])
def test_a_required_scan_is_waited_for_as_long_as_it_takes(
    ann, settings, no_clamd, decoding_fails_the_test, attempt
):
    settings.MALWARE_SCAN = "required"
    upload = make_upload(make_order(ann), content=make_screenshot())

    with pytest.raises(ScannerUnavailable):
        inspect(upload, attempt=attempt)

    upload.refresh_from_db()
    assert (upload.state, upload.pieces.count()) == ("waiting", 1)


def test_what_waited_is_inspected_once_clamd_is_back(ann, settings, no_clamd, clamd):
    settings.MALWARE_SCAN = "required"
    upload = make_upload(make_order(ann), content=make_screenshot())
    with pytest.raises(ScannerUnavailable):
        inspect(upload)

    settings.CLAMD_URL = clamd
    inspect(upload, attempt=40)

    assert (upload.state, upload.scan) == ("accepted", "clean")


def test_a_required_scan_without_an_address_is_no_scan(ann, settings, decoding_fails_the_test):
    settings.MALWARE_SCAN = "required"
    upload = make_upload(make_order(ann), content=make_screenshot())

    with pytest.raises(ScannerUnavailable):
        inspect(upload, attempt=10_000)


def test_a_clamd_that_hides_its_limits_holds_nobody_up_and_vouches_for_nothing(
    ann, settings, monkeypatch
):
    monkeypatch.setattr(malware, "_trusted_until", {})
    with pretended_clamd(answering(b"stream: OK\0")) as settings.CLAMD_URL:
        upload = make_scanned(ann)

    assert (upload.state, upload.scan) == ("accepted", "not_scanned")
    assert "AlertExceedsMax" in upload.report["malware_scan"]


class TestRequired:
    """What was accepted before scans were required."""

    def test_nobody_is_shown_what_was_not_scanned(self, ann, sue, settings):
        upload = make_scanned(ann)
        show(upload)
        for person in (ann, sue):
            assert access.rendition_for(person, upload.token, "picture")

        settings.MALWARE_SCAN = "required"

        for person in (ann, sue):
            with pytest.raises(Http404):
                access.rendition_for(person, upload.token, "picture")

    def test_what_is_clean_is_shown(self, ann, settings, clamd):
        settings.CLAMD_URL, settings.MALWARE_SCAN = clamd, "required"
        upload = make_scanned(ann)

        assert access.rendition_for(ann, upload.token, "picture").upload == upload
        assert len(upload.shown_renditions) == 2

    def test_pages_say_why_nothing_is_shown(self, client, ann, sue, settings):
        upload = make_scanned(ann)
        claim = show(upload)
        settings.MALWARE_SCAN = "required"
        picture = reverse("portal:rendition", args=[upload.token, "picture"])

        client.force_login(ann)
        page = client.get(claim.get_absolute_url()).content.decode()
        assert picture not in page
        assert "never scanned for malware" in page
        assert client.get(picture).status_code == 404

        client.force_login(sue)
        page = client.get(reverse("admin:claims_claim_review", args=[claim.pk])).content.decode()
        assert picture not in page
        assert "never scanned for malware" in page
        assert client.get(picture).status_code == 404

    def test_of_a_closed_claim_nothing_is_asked_for(self, client, ann, sue, settings):
        claim = show(make_scanned(ann))
        filing.withdraw_claim(claim_id=claim.pk, by=ann, now=timezone.now())
        settings.MALWARE_SCAN = "required"

        for person, address in (
            (ann, claim.get_absolute_url()),
            (sue, reverse("admin:claims_claim_review", args=[claim.pk])),
        ):
            client.force_login(person)
            page = client.get(address).content.decode()
            assert "never scanned for malware." in page
            assert "once more" not in page

    def test_a_file_that_waits_for_its_scan_is_shown_to_nobody(
        self, client, ann, sue, settings, no_clamd
    ):
        settings.MALWARE_SCAN = "required"
        upload = make_upload(make_order(ann), content=make_screenshot())
        claim = show(upload)
        with pytest.raises(ScannerUnavailable):
            inspect(upload)

        for person, address in (
            (ann, claim.get_absolute_url()),
            (sue, reverse("admin:claims_claim_review", args=[claim.pk])),
        ):
            client.force_login(person)
            page = client.get(address).content.decode()
            assert "being checked" in page.lower()
            assert ("delayed on our side" in page) == (person == ann)
            assert "/evidence/" + upload.token not in page
            picture = reverse("portal:rendition", args=[upload.token, "picture"])
            assert client.get(picture).status_code == 404

    def test_without_the_filter_it_would_be_shown(self, ann, settings, monkeypatch):
        upload = make_scanned(ann)
        settings.MALWARE_SCAN = "required"
        monkeypatch.setattr(access, "_not_held_back", Q)

        assert access.rendition_for(ann, upload.token, "picture").upload == upload
