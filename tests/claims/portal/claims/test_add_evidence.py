from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from claims.actions.customer import withdrawal
from claims.models import Claim, Event, Upload
from tests import reviewing
from tests.makers import make_claim, make_order, make_upload, newest_event
from tests.media import make_screenshot


@pytest.fixture
def claim(ann, sue) -> Claim:
    """Return a claim that waits for its customer."""
    claim = make_claim(make_order(ann, sms=True), kind="major_defect")
    reviewing.ask_for_evidence(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), note="Show it.", now=timezone.now()
    )
    claim.refresh_from_db()
    return claim


def url(claim: Claim) -> str:
    return f"/claims/{claim.code}/evidence/"


def send(client, claim: Claim, **fields):
    return client.post(url(claim), {"submission": str(uuid4()), **fields})


def file(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_an_answer_and_its_files_come_at_one_instant(claim, ann_client):
    send(ann_client, claim, message="Here.", files=file("a.png", make_screenshot()))

    answered = claim.events.get(kind=Event.Kind.EVIDENCE_ADDED)
    assert claim.evidence.get().upload.received_at == answered.at


def test_an_answer_with_a_file_takes_the_claim_back_to_the_reviewers(claim, ann_client):
    answer = send(ann_client, claim, message="Here it is.", files=file("a.png", make_screenshot()))

    claim.refresh_from_db()
    assert answer.url == claim.get_absolute_url()
    assert claim.status == Claim.Status.SUBMITTED
    assert claim.evidence.get().upload.original_name == "a.png"
    assert claim.messages.last().body == "Here it is."


def test_a_file_that_is_no_evidence_keeps_the_words_and_the_other_file(claim, ann_client):
    page = send(
        ann_client,
        claim,
        message="Here it is.",
        files=[file("lie.png", b"words" * 200), file("good.png", make_screenshot())],
    )

    claim.refresh_from_db()
    assert page.status_code == 422
    assert claim.status == Claim.Status.WAITING_CUSTOMER
    assert [tile.upload.original_name for tile in page.context["tiles"]] == ["good.png"]
    assert "Here it is.</textarea>" in page.content.decode()
    assert page.context["file_problems"][0].startswith("lie.png: ")


def test_nothing_at_all_is_no_answer(claim, ann_client):
    page = send(ann_client, claim, message="  ")

    assert page.status_code == 422
    assert [problem.anchor for problem in page.context["problems"]] == ["id_files"]


def test_a_file_is_removed_before_it_is_sent(claim, ann_client):
    upload = make_upload(claim.order)

    page = send(ann_client, claim, step=f"remove:{upload.token}", message="So far")

    assert page.status_code == 200
    assert "So far</textarea>" in page.content.decode()
    assert Upload.objects.get().state == Upload.State.REMOVED


def test_the_page_shows_the_form(claim, ann_client):
    page = ann_client.get(url(claim))

    assert page.status_code == 200
    assert 'name="files"' in page.content.decode()


def test_nothing_is_added_to_a_closed_claim(claim, ann, ann_client):
    withdrawal.withdraw_claim(claim_id=claim.pk, by=ann, now=timezone.now())

    answer = ann_client.post(
        url(claim), {"message": "Wait!", "submission": str(uuid4())}, follow=True
    )

    assert not claim.messages.filter(body="Wait!").exists()
    assert "This claim is closed" in answer.content.decode()


def test_an_answer_sent_twice_is_one_answer_with_its_words_and_its_file_once(claim, ann_client):
    number = str(uuid4())

    for _ in range(2):
        answer = send(
            ann_client, claim, submission=number, message="Here.",
            files=file("a.png", make_screenshot()),
        )  # fmt: skip

    assert answer.url == claim.get_absolute_url()
    assert claim.messages.filter(body="Here.").count() == 1
    assert claim.evidence.count() == Upload.objects.count() == 1
    assert claim.events.filter(kind=Event.Kind.EVIDENCE_ADDED).count() == 1


def test_each_form_that_is_shown_has_a_number_of_its_own(claim, ann_client):
    numbers = {
        ann_client.get(page).context["form"]["submission"].value()
        for page in (url(claim), url(claim), claim.get_absolute_url())
    }

    assert len(numbers) == 3


def test_an_answer_keeps_its_number_when_something_is_missing(claim, ann_client):
    number = str(uuid4())

    page = send(ann_client, claim, submission=number, message="")

    assert page.status_code == 422
    assert f'name="submission" value="{number}"' in page.content.decode()


def test_an_answer_without_its_number_is_not_taken(claim, ann_client):
    page = ann_client.post(url(claim), {"message": "Here."})

    assert page.status_code == 422
    assert "has lost its number" in page.content.decode()
    assert not claim.messages.filter(body="Here.").exists()
