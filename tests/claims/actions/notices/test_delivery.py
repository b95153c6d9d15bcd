"""Notices are written with their event and sent once, and the admin shows what goes wrong with
them.
"""

import io
import sys
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from claims.actions.core import events, notice_outbox
from claims.actions.notices import delivery
from claims.models import Event, Notice
from tests.makers import make_claim, make_order, make_user, newest_event
from tests.reviewing import ask_for_evidence

NOW = timezone.now()


@pytest.fixture
def notice(ann) -> Notice:
    """Return the notice that ann's claim has arrived."""
    return Notice.objects.get(event__claim=make_claim(make_order(ann)))


def send(notice) -> None:
    delivery.send_notice(event_id=notice.event_id, clock=lambda: NOW)
    notice.refresh_from_db()


def try_to_send(notice) -> None:
    with pytest.raises(delivery.NotSentError):
        send(notice)
    notice.refresh_from_db()


def test_a_notice_is_written_with_its_event_or_not_at_all(ann):
    claim = make_claim(make_order(ann))
    with transaction.atomic():
        notice_outbox.tell_customer(events.record(claim, Event.Kind.REPLIED, at=NOW, actor=None))
        transaction.set_rollback(True)

    assert [notice.event.kind for notice in Notice.objects.all()] == ["filed"]


def test_a_mail_goes_out_in_text_and_html_with_its_own_id(notice, server):
    send(notice)

    assert (notice.state, notice.attempts, notice.sent_at) == ("sent", 1, NOW)
    [mail] = server.mails
    assert mail["Message-ID"] == notice.message_id
    assert mail["To"] == notice.address == "ann@example.com"
    text, page = (part.get_content() for part in mail.iter_parts())
    url = f"http://localhost:8000{notice.event.claim.get_absolute_url()}"
    assert url in text
    assert f'<a class="button" href="{url}">Open your claim</a>' in page
    for words in text.strip().split("\n\n")[:-2]:
        assert words.replace("\n", " ") in page.replace("\n", " ")


def test_every_word_of_the_note_is_in_both_forms_and_nothing_of_it_runs(ann, sue, server):
    claim = make_claim(make_order(ann))
    url = f"http://localhost:8000{claim.get_absolute_url()}"
    note = f"Look at {url} again.\n\n<script>alert(1)</script>"
    ask_for_evidence(claim_id=claim.pk, by=sue, seen=newest_event(claim), note=note, now=NOW)

    send(Notice.objects.latest("pk"))

    text, page = (part.get_content() for part in server.mails[0].iter_parts())
    assert note in text.replace("\r\n", "\n")
    assert f'Look at <a href="{url}"' in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script" not in page


def test_it_goes_out_once_however_often_it_is_asked_for(notice, server):
    for _ in range(3):
        send(notice)

    assert len(server.mails) == 1


def test_where_no_mail_server_answers_it_waits_and_goes_out_later(notice, settings, server):
    settings.EMAIL_PORT = 1

    try_to_send(notice)

    assert (notice.state, notice.attempts) == ("waiting", 1)
    assert "ConnectionRefusedError" in notice.problem
    settings.EMAIL_PORT = server.port
    send(notice)
    assert (notice.state, notice.attempts, notice.problem) == ("sent", 2, "")


@pytest.mark.parametrize("mood", ["rcpt", "data"])
def test_a_refusal_for_now_is_tried_eight_times(mood, notice, server):
    server.mood, server.code = mood, 451

    for _ in range(7):
        try_to_send(notice)
    send(notice)

    assert (notice.state, notice.attempts) == ("failed", 8)
    assert "451" in notice.problem


@pytest.mark.parametrize("mood", ["rcpt", "data"])
def test_a_refusal_for_good_is_not_tried_again(mood, notice, server):
    server.mood = mood

    send(notice)

    assert (notice.state, notice.attempts) == ("failed", 1)
    assert "550" in notice.problem


def test_a_line_that_breaks_when_the_mail_was_handed_over_leaves_it_unsure(notice, server):
    server.mood = "hangup"

    send(notice)
    send(notice)

    assert (notice.state, len(server.mails)) == ("unsure", 1)


def test_a_mail_that_was_taken_is_sent_whatever_the_server_answers_at_the_end(notice, server):
    server.mood = "quit"

    send(notice)

    assert (notice.state, len(server.mails)) == ("sent", 1)


def test_what_a_killed_worker_had_begun_is_unsure_and_not_sent_again(notice, server):
    notice.begin(address="ann@example.com", at=NOW)

    send(notice)

    assert (notice.state, notice.problem) == ("unsure", delivery.INTERRUPTED)
    assert server.mails == []


def test_a_sender_that_was_taken_for_dead_still_says_that_it_is_sent(notice, server, monkeypatch):
    hand_over = delivery._hand_over

    def slowly(mail):
        send(notice)
        assert notice.state == "unsure"
        hand_over(mail)

    monkeypatch.setattr(delivery, "_hand_over", slowly)

    send(notice)

    assert (notice.state, len(server.mails)) == ("sent", 1)


def test_no_transaction_is_open_while_the_mail_server_is_asked(
    real_commits, django_db_blocker, server, monkeypatch
):
    with django_db_blocker.unblock():
        notice = Notice.objects.get(
            event__claim=make_claim(make_order(make_user("ann@example.com")))
        )
        hand_over, seen = delivery._hand_over, []

        def watched(mail):
            seen.append((connection.in_atomic_block, Notice.objects.get(pk=notice.pk).state))
            hand_over(mail)

        monkeypatch.setattr(delivery, "_hand_over", watched)
        send(notice)

    assert seen == [(False, "sending")]
    assert notice.state == "sent"


def test_support_sends_again_what_went_wrong(notice, server, sue, run_jobs):
    server.mood = "rcpt"
    send(notice)
    server.mood = "kind"
    ProcrastinateJob.objects.filter(args__event_id=notice.event_id).delete()

    delivery.resend(notice_id=notice.pk, by=sue)
    run_jobs()

    notice.refresh_from_db()
    assert (notice.state, notice.attempts) == ("sent", 1)
    [mail] = server.mails
    assert mail["Message-ID"] == notice.message_id


def test_what_is_sent_or_waits_is_not_sent_again(notice, server, sue):
    for _ in range(2):
        with pytest.raises(ValidationError, match="so it isn't sent again"):
            delivery.resend(notice_id=notice.pk, by=sue)
        send(notice)

    assert len(server.mails) == 1


def test_customers_send_nothing_again(notice, ann):
    with pytest.raises(PermissionDenied):
        delivery.resend(notice_id=notice.pk, by=ann)


def test_the_database_never_lets_a_sent_notice_go_out_again(notice, server):
    send(notice)

    for state in ("waiting", "sending", "unsure", "failed"):
        with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
            Notice.objects.filter(pk=notice.pk).update(state=state, problem="none")
    with pytest.raises(DatabaseError), transaction.atomic():
        Notice.objects.create(event=notice.event, made_at=NOW)


REPORT = """\
From: MAILER-DAEMON@mail.example
To: claims@claims.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example

Final-Recipient: rfc822; ann@example.com
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such mailbox

--b
Content-Type: {kind}

Message-ID: {message_id}
Subject: We have your claim

--b--
"""


def pipe(monkeypatch, report: str) -> str:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(report.encode())))
    said = io.StringIO()
    call_command("recordbounce", stdout=said)
    return said.getvalue()


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
def test_a_mail_that_comes_back_is_bounced_and_can_be_sent_again(
    kind, notice, server, sue, monkeypatch
):
    send(notice)
    report = REPORT.format(action="failed", kind=kind, message_id=notice.message_id)

    said = pipe(monkeypatch, report)

    notice.refresh_from_db()
    assert (notice.state, notice.problem) == ("bounced", "smtp; 550 5.1.1 no such mailbox")
    assert "bounced" in said
    assert "No sent notice has" in pipe(monkeypatch, report)
    delivery.resend(notice_id=notice.pk, by=sue)
    send(notice)
    assert (notice.state, len(server.mails)) == ("sent", 2)


GLOBAL_REPORT = """\
From: MAILER-DAEMON@mail.example
To: claims@claims.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=global-delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

jörg didn't get your message.

--b
Content-Type: message/global-delivery-status
Content-Transfer-Encoding: 8bit

Reporting-MTA: dns; mail.example

Final-Recipient: utf-8; jörg@example.com
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 jörg has no mailbox

--b
Content-Type: {kind}
Content-Transfer-Encoding: 8bit

Message-ID: {message_id}
To: jörg@example.com

--b--
"""


@pytest.mark.parametrize("kind", ["message/global", "message/global-headers"])
def test_a_report_in_utf_8_marks_the_notice_as_bounced(kind, notice, server, monkeypatch):
    send(notice)
    report = GLOBAL_REPORT.format(action="delayed", kind=kind, message_id=notice.message_id)
    assert "not a report of a mail that bounced" in pipe(monkeypatch, report)

    pipe(monkeypatch, report.replace("delayed", "failed"))

    notice.refresh_from_db()
    assert (notice.state, notice.problem) == ("bounced", "smtp; 550 5.1.1 jörg has no mailbox")


@pytest.mark.parametrize(
    ("action", "message_id", "said"),
    [
        ("delayed", "", "not a report of a mail that bounced"),
        ("failed", "<another@example.com>", "No sent notice has this Message-ID"),
    ],
)
def test_other_reports_change_nothing(action, message_id, said, notice, server, monkeypatch):
    send(notice)
    report = REPORT.format(
        action=action, kind="message/rfc822", message_id=message_id or notice.message_id
    )

    assert said in pipe(monkeypatch, report)

    notice.refresh_from_db()
    assert notice.state == "sent"


def test_what_is_no_mail_is_no_report(monkeypatch, db):
    assert "not a report" in pipe(monkeypatch, "hello")


def test_the_day_a_notice_was_tried_is_kept(notice, server):
    delivery.send_notice(event_id=notice.event_id, clock=lambda: NOW + timedelta(days=1))

    notice.refresh_from_db()
    assert notice.tried_at == NOW + timedelta(days=1)
