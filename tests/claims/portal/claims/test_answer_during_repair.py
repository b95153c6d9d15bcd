"""The customer's page during a repair, when staff have asked them for something."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from claims.actions.review import conversation, repairs
from claims.models import Claim
from tests.makers import make_claim, make_lease, make_order, newest_event
from tests.media import make_screenshot
from tests.reviewing import ask_for_evidence

NOTE = "Which app shows the message?"


@pytest.fixture
def claim(ann, sue) -> Claim:
    claim = make_claim(make_order(ann, completed=True), kind="major_defect")
    make_lease(claim, sue)
    words = {"claim_id": claim.pk, "by": sue, "now": timezone.now()}
    repairs.start_repair(seen=newest_event(claim), note="We are on it.", **words)
    ask_for_evidence(seen=newest_event(claim), note=NOTE, **words)
    return claim


def look(client, claim):
    page = client.get(claim.get_absolute_url())
    assert page.status_code == 200
    return page


def test_the_page_says_what_is_wanted_and_that_the_repair_goes_on(claim, ann_client):
    page = look(ann_client, claim)

    html = page.content.decode()
    assert page.context["wanted"] == [NOTE]
    assert page.context["standing"].title == "Being repaired, and we need you"
    assert page.context["answer_until"] is None
    assert "nothing for you to do" not in page.context["standing"].next
    assert "Time to answer" not in html
    assert "We may resolve the problem first" in html
    assert "Answer now" in html
    assert "Your answer" in html


def test_the_list_of_claims_says_so_too(claim, ann_client):
    html = ann_client.get("/claims/").content.decode()

    assert "Being repaired, and we need you" in html
    assert "Answer<span" in html


def test_what_is_written_later_does_not_hide_it(claim, sue, ann_client):
    make_lease(claim, sue)
    conversation.reply(claim_id=claim.pk, by=sue, seen=newest_event(claim), note="Nearly done.",
                       now=timezone.now())  # fmt: skip

    assert look(ann_client, claim).context["wanted"] == [NOTE]


def test_an_answer_in_words_and_files_takes_the_wish_away(claim, ann_client):
    sent = ann_client.post(
        f"/claims/{claim.code}/evidence/",
        {"submission": str(uuid4()), "message": "It is WhatsApp.",
         "files": SimpleUploadedFile("a.png", make_screenshot())},
    )  # fmt: skip
    page = look(ann_client, claim)

    claim.refresh_from_db()
    assert sent.status_code == 302
    assert claim.status == Claim.Status.REPAIRING
    assert claim.evidence.count() == 1
    assert page.context["wanted"] == []
    assert page.context["standing"].title == "Being repaired"
    assert "Answer now" not in page.content.decode()
