"""Notes among staff, and messages to the customer."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from claims import queries
from claims.actions.customer.withdrawal import withdraw_claim
from claims.actions.review import conversation, notes
from claims.models import Claim, Event, Message, Note
from tests.makers import make_claim, make_lease, make_order, newest_event


def note(claim, by, body="Known to us from April."):
    return notes.add_note(claim_id=claim.pk, by=by, body=body, now=timezone.now())


def test_a_note_is_kept_and_tells_the_customer_nothing(ann, sue, mailoutbox, run_jobs):
    claim = make_claim(make_order(ann))
    run_jobs()
    mails = len(mailoutbox)

    made = note(claim, sue)

    run_jobs()
    assert (made.author, made.body) == (sue, "Known to us from April.")
    assert len(mailoutbox) == mails
    assert not Message.objects.exists()
    assert Event.Kind.NOTED not in {event.kind for event in queries.story_of(claim)}


def test_a_note_stops_nobody_from_deciding(ann, sue, max_):
    claim = make_claim(make_order(ann))
    make_lease(claim, sue)
    seen = newest_event(claim)
    note(claim, max_)

    conversation.reply(claim_id=claim.pk, by=sue, seen=seen, note="Hello.", now=timezone.now())

    assert Message.objects.get().body == "Hello."


def test_a_closed_claim_takes_notes(ann, sue):
    claim = make_claim(make_order(ann))
    withdraw_claim(claim_id=claim.pk, by=ann, now=timezone.now())

    note(claim, sue)

    assert Note.objects.get().claim == claim


def test_an_empty_note_is_refused(ann, sue):
    with pytest.raises(ValidationError) as refused:
        note(make_claim(make_order(ann)), sue, "  \n")
    assert refused.value.code == "note"


def test_auditors_write_no_notes(ann, otto):
    with pytest.raises(PermissionDenied):
        note(make_claim(make_order(ann)), otto)


def test_a_reply_is_mailed_and_leaves_the_claim_where_it_is(ann, sue, mailoutbox, run_jobs):
    claim = make_claim(make_order(ann))
    make_lease(claim, sue)

    conversation.reply(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), note="We are on it.",
        now=timezone.now(),
    )  # fmt: skip

    run_jobs()
    assert Claim.objects.get().status == Claim.Status.SUBMITTED
    assert "We are on it." in mailoutbox[-1].body
