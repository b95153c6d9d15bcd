"""Internal information never reaches the customer, neither on a page nor in a mail."""

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from claims.models import Claim, Event, Note
from tests.claims.admin.deciding import press
from tests.makers import make_claim, make_order, newest_event

SECRET = "Looks like the customer of last week, ask Tom"
WHY = "Their screenshot asks for a password"


@pytest.fixture
def claim(ann, sue, browse) -> Claim:
    """Return a claim with a note, corrected facts, an assignee, a look at its evidence, and a
    decision.
    """
    claim = make_claim(make_order(ann, sms=True), kind="invalid_number", proofs=("screenshot",))
    client = browse(sue)
    press(client, "note", claim, internal=SECRET)
    press(client, "correct", claim, two_factor="on", why=WHY)
    press(client, "assign", claim, assignee=sue.pk)
    Event.objects.create(
        kind="evidence_seen", order=claim.order, claim=claim, at=timezone.now(), actor=sue,
        data={"file": "seen-by-staff.png"},
    )  # fmt: skip
    press(client, "ask", claim, note="Please send a video.")
    return claim


def test_staff_read_all_of_it(claim, max_, browse):
    page = browse(max_).get(reverse("admin:claims_claim_review", args=[claim.pk])).content.decode()

    assert Note.objects.get().body == SECRET
    for words in (SECRET, WHY, "only staff see this", "Facts corrected by staff", "Assigned"):
        assert words in page
    assert "seen-by-staff.png" not in page


def test_no_page_of_the_customer_holds_it(claim, ann, browse):
    client = browse(ann)
    pages = [
        claim.get_absolute_url(),
        f"{claim.get_absolute_url()}evidence/",
        "/claims/",
        "/orders/",
        "/credit/",
    ]

    for address in pages:
        response = client.get(address)
        assert response.status_code == 200
        page = response.content.decode()
        assert_nothing_internal(page)
    assert "Please send a video." in client.get(pages[0]).content.decode()


def test_no_mail_holds_it(claim, sue, browse, run_jobs):
    press(browse(sue), "reject", claim, clause="third-party", note="It was your own client.")
    run_jobs()

    assert [sent.to for sent in mail.outbox] == [["ann@example.com"]] * len(mail.outbox)
    assert any("Please send a video." in str(sent.body) for sent in mail.outbox)
    for sent in mail.outbox:
        assert_nothing_internal(sent.subject + str(sent.message()))


def assert_nothing_internal(text: str) -> None:
    for words in (SECRET, WHY, "seen-by-staff", "Internal note", "corrected", "Assigned", "sue@"):
        assert words not in text


@pytest.mark.parametrize("who", ["otto", "rita"])
def test_who_only_looks_writes_no_note(who, ann, browse, request):
    claim = make_claim(make_order(ann))
    client = browse(request.getfixturevalue(who))

    assert press(client, "note", claim, internal="Hm.").status_code == 403
    assert not Note.objects.exists()


def test_a_note_needs_no_lease_and_an_open_claim_neither(ann, sue, max_, browse):
    claim = make_claim(make_order(ann))
    press(browse(sue), "approve", claim)

    client = browse(max_)
    page = client.get(reverse("admin:claims_claim_review", args=[claim.pk])).content.decode()
    response = client.post(
        reverse("admin:claims_claim_note", args=[claim.pk]),
        {"seen": newest_event(claim), "internal": "Well done."},
    )

    assert reverse("admin:claims_claim_note", args=[claim.pk]) in page
    assert response.status_code == 302
    assert Note.objects.get().author == max_
    assert not claim.messages.exists()
