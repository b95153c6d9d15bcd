from django.contrib.messages import get_messages
from django.utils import timezone

from claims.models import Claim, Event
from tests.claims.admin.deciding import errors_of, press
from tests.makers import make_claim, make_order
from tests.reviewing import take


def test_asking_sends_the_claim_back_to_its_customer_with_the_note(ann, sue, browse, run_jobs):
    claim = make_claim(make_order(ann))
    run_jobs()

    response = press(browse(sue), "ask", claim, note="Please send a video.")

    claim.refresh_from_db()
    assert response.status_code == 302
    assert claim.status == Claim.Status.WAITING_CUSTOMER
    assert claim.messages.get().body == "Please send a video."
    assert claim.messages.get().author == sue
    assert claim.events.last().kind == Event.Kind.EVIDENCE_REQUESTED
    assert run_jobs() == ["claims.tell_customer"]


def test_a_question_without_words_is_not_sent_and_answers_are_kept(ann, sue, browse):
    claim = make_claim(make_order(ann))

    response = press(browse(sue), "ask", claim, note="")

    assert response.status_code == 422
    assert errors_of(response) == ["Write a note: the customer reads it."]
    assert response.context["page"].form["answer-terms"].value() == "met"
    assert not claim.messages.exists()


def test_the_markup_of_a_note_is_shown_as_text(ann, sue, browse):
    claim = make_claim(make_order(ann))
    client = browse(sue)

    press(client, "ask", claim, note="<script>alert('a note')</script>")
    page = client.get(f"/admin/claims/claim/{claim.pk}/review/").content.decode()

    assert "<script>alert(" not in page
    assert "alert(&#x27;a note&#x27;)" in page


def test_during_a_repair_the_reviewer_reads_that_it_goes_on(ann, sue, browse):
    claim = make_claim(make_order(ann, sms=True), kind="major_defect")
    client = browse(sue)
    press(client, "start-repair", claim)
    take(claim.pk, by=sue, now=timezone.now())
    page = client.get(f"/admin/claims/claim/{claim.pk}/review/").content.decode()
    assert "The customer gets a mail with the note. The repair goes on." in page
    assert "The claim waits for the customer" not in page

    response = press(client, "ask", claim, note="Which app?")

    claim.refresh_from_db()
    told = [str(message) for message in get_messages(response.wsgi_request)]
    assert claim.status == Claim.Status.REPAIRING
    assert "Ann is asked, by a mail with your note; the repair goes on." in told
