"""The daily mail to Supervisors: the overdue claims, and the mails that went wrong."""

import smtplib
from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.utils import timezone

from claims.actions.notices import staff_mail
from claims.models import Notice
from tests.makers import (
    make_acknowledgement,
    make_claim,
    make_order,
    make_staff,
    make_webhook,
    newest_event,
)
from tests.reviewing import ask_for_evidence

NOW = timezone.now()
LATER = NOW + timedelta(days=3)


@pytest.fixture
def claim(ann):
    return make_claim(make_order(ann), now=NOW)


def test_supervisors_get_what_is_overdue_the_oldest_first(claim, ann, max_, sue, mailoutbox):
    older = make_claim(make_order(ann), now=NOW - timedelta(minutes=5))

    assert staff_mail.mail_digest(now=LATER) == 1

    [mail] = mailoutbox
    assert mail.to == ["max@example.com"]
    assert mail.subject.startswith("Claims desk: 2 overdue on ")
    assert mail.body.index(older.code) < mail.body.index(claim.code)
    assert f"http://localhost:8000/admin/claims/claim/{claim.pk}/review/" in mail.body


@pytest.mark.parametrize(("beyond", "told"), [(-1, 0), (0, 1), (1, 1)])
def test_a_claim_is_overdue_from_the_instant_it_is_due(beyond, told, claim, max_):
    now = claim.due_at + timedelta(microseconds=beyond)

    assert staff_mail.mail_digest(now=now) == told


def test_what_waits_for_its_customer_is_not_overdue(claim, max_, sue, mailoutbox):
    ask_for_evidence(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), note="Which app?", now=NOW
    )

    assert staff_mail.mail_digest(now=LATER) == 0
    assert mailoutbox == []


def test_mails_that_went_wrong_are_told_too(claim, max_, mailoutbox):
    notice = Notice.objects.get(event__claim=claim)
    notice.begin(address="ann@example.com", at=NOW)
    notice.settle("unsure", problem="The line broke.")

    assert staff_mail.mail_digest(now=NOW) == 1

    assert "1 mail to customers failed, bounced, or may not have gone out" in mailoutbox[0].body
    assert "http://localhost:8000/admin/claims/notice/" in mailoutbox[0].body


def test_many_are_counted_and_the_longest_overdue_named(ann, max_, mailoutbox, monkeypatch):
    monkeypatch.setattr(staff_mail, "MOST_LISTED", 2)
    claims = [make_claim(make_order(ann), now=NOW + timedelta(minutes=at)) for at in range(3)]

    staff_mail.mail_digest(now=LATER)

    said = mailoutbox[0].body
    assert [claim.code in said for claim in claims] == [True, True, False]
    assert "All of them are in the queue" in said


def test_one_address_that_is_refused_keeps_the_digest_from_no_other(claim, max_, monkeypatch):
    make_staff("mia@example.com", "Supervisor")
    told = []

    def send(mail):
        told.extend(mail.to)
        if mail.to == ["max@example.com"]:
            raise smtplib.SMTPRecipientsRefused({})

    monkeypatch.setattr(EmailMessage, "send", send)

    with pytest.raises(ExceptionGroup):
        staff_mail.mail_digest(now=LATER)

    assert sorted(told) == ["max@example.com", "mia@example.com"]


def test_what_the_shop_didnt_take_or_agree_to_is_told(ann, max_, mailoutbox):
    make_webhook(make_order(ann), "dead")
    make_acknowledgement(make_order(ann))

    assert staff_mail.mail_digest(now=timezone.now() + timedelta(minutes=59)) == 1
    assert staff_mail.mail_digest(now=timezone.now() + timedelta(minutes=61)) == 1

    early, late = (" ".join(mail.body.split()) for mail in mailoutbox)
    assert "The shop did not accept 1 of our events" in early
    assert "/admin/claims/webhook/?state__exact=dead" in early
    assert "acknowledged" not in early
    assert "The shop has not acknowledged 1 returned price" in late


def test_a_notice_to_somebody_without_an_address_did_not_go_wrong(claim, max_, mailoutbox):
    Notice.objects.update(state="unmailed")

    assert staff_mail.mail_digest(now=NOW) == 0
    assert mailoutbox == []
