from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from claims.actions.review import repairs
from claims.models import Claim, Event
from tests.makers import make_claim, make_order, newest_event
from tests.media import make_screenshot
from tests.reviewing import reject, take

WORDS = "Their log shows that it was never delivered."


@pytest.fixture
def rejected(ann, sue) -> Claim:
    claim = make_claim(make_order(ann))
    reject(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), answers={}, clause="server-side",
        note="It was sent.", now=timezone.now(),
    )  # fmt: skip
    claim.refresh_from_db()
    return claim


def url(claim: Claim) -> str:
    return f"/claims/{claim.code}/appeal/"


def send(client, claim: Claim, **fields):
    return client.post(url(claim), {"submission": str(uuid4()), **fields})


def test_the_page_of_a_rejected_claim_offers_an_appeal_and_says_until_when(rejected, ann_client):
    page = ann_client.get(rejected.get_absolute_url())

    said = page.content.decode()
    assert page.context["back_until"] == rejected.decision.decided_at + timedelta(days=5)
    assert f'action="{url(rejected)}"' in said
    assert "Send my appeal" in said
    assert "What should we see differently?" in said


def test_an_appeal_with_words_and_a_file_is_part_of_the_claim(rejected, ann_client):
    picture = SimpleUploadedFile("a.png", make_screenshot())

    answer = send(ann_client, rejected, message=WORDS, files=picture)

    rejected.refresh_from_db()
    assert answer.url == rejected.get_absolute_url()
    assert rejected.status == "submitted"
    assert rejected.evidence.get().upload.original_name == "a.png"
    page = ann_client.get(answer.url)
    assert "Another person looks at your claim now." in page.content.decode()
    assert page.context["timeline"][-1].title == "You appealed the decision"
    assert page.context["back_until"] is None


def test_too_few_words_are_kept_and_told(rejected, ann_client):
    page = send(ann_client, rejected, message="No!")

    said = page.content.decode()
    assert page.status_code == 422
    assert "in at least 20 characters" in said
    assert ">\nNo!</textarea>" in said
    assert not rejected.events.filter(kind=Event.Kind.APPEALED).exists()


def test_when_it_is_too_late_the_page_says_so(rejected, ann_client, monkeypatch):
    late = timezone.now() + timedelta(days=6)
    monkeypatch.setattr(timezone, "now", lambda: late)

    page = ann_client.post(
        url(rejected), {"message": WORDS, "submission": str(uuid4())}, follow=True
    )

    assert "This claim can’t be appealed" in page.content.decode().replace("&#x27;", "’")
    assert page.context["back_until"] is None
    rejected.refresh_from_db()
    assert rejected.status == "rejected"


def test_an_open_claim_has_nothing_to_appeal(ann, ann_client):
    claim = make_claim(make_order(ann))

    assert ann_client.get(url(claim)).status_code == 302
    assert ann_client.get(claim.get_absolute_url()).context["back_until"] is None


def test_a_repair_that_is_none_is_told_on_the_page_of_its_claim(ann, sue, ann_client):
    claim = make_claim(make_order(ann, sms=True), kind="major_defect")
    for step in (repairs.start_repair, repairs.mark_repaired):
        now = timezone.now()
        take(claim.pk, by=sue, now=now)
        step(claim_id=claim.pk, by=sue, seen=newest_event(claim), note="Done.", now=now)
    claim.refresh_from_db()
    address = f"/claims/{claim.code}/objection/"

    page = ann_client.get(claim.get_absolute_url())

    assert f'action="{address}"' in page.content.decode()
    assert page.context["back_until"] == claim.decision.decided_at + timedelta(days=5)
    ann_client.post(address, {"message": WORDS, "submission": str(uuid4())})
    claim.refresh_from_db()
    assert claim.status == "submitted"
    assert claim.messages.last().body == WORDS
