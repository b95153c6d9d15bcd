"""No mail server makes a sign-in page fail, and its mails are read by nobody else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django.fixtures import Settings

from accounts import sign_in_outbox
from accounts.models import SignInMail, User
from accounts.sealing import unseal
from accounts.sign_in_outbox import CODE_LIVES, MailStillWaitsError
from tests.accounts.pages import code_of, signed_in_as, text_of, told
from tests.lines import line_to
from tests.mail_server import MailServer

NOW = timezone.now()
SIGN_UP, CODE, RESET = map(
    reverse, ("account_signup", "account_request_login_code", "account_reset_password")
)
CONFIRM = reverse("account_confirm_login_code")
WAITING_PAGES = {
    SIGN_UP: reverse("account_email_verification_sent"),
    CODE: CONFIRM,
    RESET: reverse("account_reset_password_done"),
}
every_page = pytest.mark.parametrize("page", [SIGN_UP, CODE, RESET])


def send(row: SignInMail, *, later: timedelta = timedelta()) -> None:
    sign_in_outbox.send_mail(mail_id=row.pk, clock=lambda: NOW + later)


def send_all() -> None:
    for row in SignInMail.objects.filter(state="waiting").order_by("pk"):
        send(row)


def try_to_send(row: SignInMail) -> None:
    with pytest.raises(MailStillWaitsError):
        send(row)


def only_mail() -> SignInMail:
    return SignInMail.objects.get()


def letter(to: str = "ann@example.com", body: str = "Your code is\n\n    ABCDEF\n") -> EmailMessage:
    return EmailMessage("Hello", body, "us@example.com", [to])


@pytest.fixture(params=["down", "refusing", "hanging"])
def no_mail(request: pytest.FixtureRequest, settings: Settings) -> Iterator[None]:
    """Have no mail server that takes mails: none, one that refuses its greeting, a silent one."""
    settings.EMAIL_BACKEND = "accounts.mail_backend.SmtpBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    if request.param == "down":
        settings.EMAIL_PORT = 1
        yield
    else:
        with line_to(None, "silent") as line:
            settings.EMAIL_PORT = line.port
            if request.param == "refusing":
                line.become("cut")
            yield


@every_page
def test_the_page_answers_as_always_and_the_mail_waits(
    no_mail: None, ann: User, client: Client, page: str
) -> None:
    for email in (ann.email, "new@example.com"):
        answer = told(Client(), page, {"email": email}, email=email)
        assert answer.statuses == (302, 200)
        assert answer.addresses == (WAITING_PAGES[page],)
    assert [row.state for row in SignInMail.objects.all()] == ["waiting", "waiting"]


def test_the_code_comes_when_the_server_is_back(
    ann: User, client: Client, server: MailServer, settings: Settings
) -> None:
    settings.EMAIL_PORT = 1
    client.post(CODE, {"email": ann.email})
    for _ in range(3):
        try_to_send(only_mail())
    assert only_mail().problem == "ConnectionRefusedError"

    settings.EMAIL_PORT = server.port
    send(only_mail(), later=timedelta(minutes=14))

    client.post(CONFIRM, {"code": code_of(server.mails[0].get_content())})
    assert signed_in_as(client) == str(ann.pk)
    row = only_mail()
    assert (row.state, row.sealed, row.problem) == ("sent", "", "")


def test_the_code_comes_after_greylisting(ann: User, client: Client, server: MailServer) -> None:
    server.mood, server.code = "rcpt", 450
    client.post(CODE, {"email": ann.email})
    try_to_send(only_mail())
    assert only_mail().problem == "SMTPRecipientsRefused 450"

    server.mood = "kind"
    send(only_mail(), later=timedelta(minutes=5))

    client.post(CONFIRM, {"code": code_of(server.mails[0].get_content())})
    assert signed_in_as(client) == str(ann.pk)


def test_a_server_that_hangs_is_tried_again(
    ann: User,
    client: Client,
    server: MailServer,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sign_in_outbox, "SECONDS", 0.2)
    client.post(CODE, {"email": ann.email})
    with line_to(None, "silent") as line:
        settings.EMAIL_PORT = line.port
        try_to_send(only_mail())

    settings.EMAIL_PORT = server.port
    monkeypatch.undo()
    send(only_mail())

    assert [mail["To"] for mail in server.mails] == [ann.email]


def test_a_line_that_breaks_behind_the_mail_sends_it_twice_under_one_id(
    ann: User, client: Client, server: MailServer
) -> None:
    server.mood = "hangup"
    client.post(CODE, {"email": ann.email})
    try_to_send(only_mail())
    server.mood = "kind"
    send(only_mail())
    send(only_mail())

    first, second = server.mails
    assert first["Message-ID"] == second["Message-ID"]


def test_a_bad_answer_to_the_goodbye_sends_it_once(
    ann: User, client: Client, server: MailServer
) -> None:
    server.mood = "quit"
    client.post(CODE, {"email": ann.email})
    send(only_mail())
    assert (only_mail().state, len(server.mails)) == ("sent", 1)


def test_a_code_that_is_too_late_is_not_sent(ann: User, client: Client, server: MailServer) -> None:
    client.post(CODE, {"email": ann.email})
    row = only_mail()
    assert row.expires_at - row.made_at == CODE_LIVES
    send(row, later=CODE_LIVES + timedelta(minutes=1))
    assert (only_mail().state, only_mail().sealed, server.mails) == ("expired", "", [])


def test_a_code_works_for_fifteen_minutes(ann: User, client: Client, settings: Settings) -> None:
    assert timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT) == CODE_LIVES
    client.post(CODE, {"email": ann.email})
    page = text_of(client.get(CONFIRM))
    assert "It works for 15 minutes." in page
    assert "The mail may take a minute" in page


def test_expired_mails_are_erased_and_old_rows_forgotten(db: None) -> None:
    code = sign_in_outbox.put_mail("login_code", letter(), now=NOW)
    link = sign_in_outbox.put_mail("password_reset_key", letter(), now=NOW)
    assert code
    assert link

    assert sign_in_outbox.erase_expired(now=NOW + CODE_LIVES) == 1
    assert sign_in_outbox.forget_old(now=NOW + timedelta(days=3)) == 1

    assert only_mail() == link
    assert only_mail().state == "waiting"


@every_page
def test_a_refused_address_is_told_alike_with_and_without_an_account(
    ann: User, server: MailServer, page: str
) -> None:
    server.mood = "rcpt"
    seen = []
    for email in (ann.email, "new@example.com"):
        visitor = Client()
        before = told(visitor, page, {"email": email}, email=email)
        send_all()
        after = text_of(visitor.get(WAITING_PAGES[page])).replace(email, "(email)")
        again = told(visitor, page, {"email": email}, email=email)
        send_all()
        seen.append((before, after, again.text))
    assert seen[0] == seen[1]
    assert "The mail was refused" not in seen[0][0].text
    assert "The mail server of (email) doesn't take our mail" in seen[0][1]
    assert {row.state for row in SignInMail.objects.all()} == {"refused"}


@every_page
def test_the_page_sends_another_mail(ann: User, server: MailServer, page: str) -> None:
    seen = []
    for email in (ann.email, "new@example.com"):
        visitor = Client()
        visitor.post(page, {"email": email})
        send_all()
        waiting = text_of(visitor.get(WAITING_PAGES[page]))
        assert f'<input type="hidden" name="email" value="{email}">' in waiting
        again = RESET if page == RESET else reverse("account_another_code")
        assert f'<form method="post" action="{again}">' in waiting
        seen.append(told(visitor, again, {"email": email}, email=email))
        send_all()
    assert seen[0] == seen[1]
    assert [mail["To"] for mail in server.mails][:2] == [ann.email] * 2


def test_the_newest_code_signs_in_and_the_former_one_does_not(
    ann: User, client: Client, server: MailServer
) -> None:
    client.post(CODE, {"email": ann.email})
    client.post(reverse("account_another_code"), {"email": ann.email})
    send_all()
    former, newest = (code_of(mail.get_content()) for mail in server.mails)
    client.post(CONFIRM, {"code": former})
    assert signed_in_as(client) is None
    client.post(CONFIRM, {"code": newest})
    assert signed_in_as(client) == str(ann.pk)


def test_an_address_without_account_gets_one_mail_a_day(
    db: None, client: Client, server: MailServer
) -> None:
    for page in (CODE, RESET, CODE):
        assert client.post(page, {"email": "new@example.com"}).status_code == 302
        send_all()
    assert len(server.mails) == 1

    unknown = letter("New@example.com")
    kind = SignInMail.UNKNOWN_ACCOUNT
    assert sign_in_outbox.put_mail(kind, unknown, now=NOW + timedelta(hours=23)) is None
    assert sign_in_outbox.put_mail(kind, unknown, now=NOW + timedelta(hours=25))


def put_twice_at_once(monkeypatch: pytest.MonkeyPatch) -> int:
    """Write two mails to a stranger, neither of which sees the other; return their number."""
    monkeypatch.setattr(sign_in_outbox, "_reached_today", lambda *args, **more: False)
    for _ in range(2):
        sign_in_outbox.put_mail(SignInMail.UNKNOWN_ACCOUNT, letter("new@example.com"), now=NOW)
    return SignInMail.objects.count()


def test_of_two_requests_at_once_one_mails_a_stranger(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert put_twice_at_once(monkeypatch) == 1


def test_without_the_constraint_both_do(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX one_mail_a_day_to_an_address_without_account")
    assert put_twice_at_once(monkeypatch) == 2


def test_a_mail_and_its_job_are_written_together_or_not_at_all(db: None) -> None:
    with transaction.atomic():
        sign_in_outbox.put_mail("login_code", letter(), now=NOW)
        transaction.set_rollback(True)
    assert (SignInMail.objects.count(), ProcrastinateJob.objects.count()) == (0, 0)


def test_the_code_stands_nowhere_in_the_database(
    client: Client, ann: User, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.mood, server.code = "data", 451
    client.post(CODE, {"email": ann.email})
    try_to_send(only_mail())
    code = code_of(json.loads(unseal(only_mail().sealed))["body"])

    (job,) = ProcrastinateJob.objects.all()
    assert set(job.args) == {"mail_id", "request_id"}
    assert tables_with(code) == []
    assert code not in caplog.text
    # The search finds what is there.
    assert "accounts_signinmail" in tables_with(ann.email)


def tables_with(words: str) -> list[str]:
    """Return the tables with a row that shows these words, but for allauth's sessions."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor)) - {"django_session"}
        found = []
        for table in sorted(tables):
            cursor.execute(
                f"SELECT count(*) FROM {table} AS one WHERE one::text LIKE %s", [f"%{words}%"]
            )
            if cursor.fetchone()[0]:
                found.append(table)
        return found


def test_no_page_of_the_admin_shows_the_code(client: Client, ann: User, admin_client: Client):
    client.post(CODE, {"email": ann.email})
    code = code_of(json.loads(unseal(only_mail().sealed))["body"])
    job = ProcrastinateJob.objects.get()
    pages = [
        reverse("admin:index"),
        reverse("admin:procrastinate_procrastinatejob_changelist"),
        reverse("admin:procrastinate_procrastinatejob_change", args=[job.pk]),
        reverse("admin:accounts_user_change", args=[ann.pk]),
    ]
    for page in pages:
        response = admin_client.get(page)
        assert response.status_code == 200
        assert code not in text_of(response)
        assert only_mail().sealed not in text_of(response)
    assert "signinmail" not in text_of(admin_client.get(reverse("admin:index")))


def test_a_former_key_still_opens_what_waits_and_a_lost_one_ends_it(
    db: None, settings: Settings, mailoutbox: list[EmailMessage]
) -> None:
    for _ in range(2):
        sign_in_outbox.put_mail("login_code", letter(), now=NOW)
    first, second = SignInMail.objects.order_by("pk")
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another key"

    send(first)
    settings.SECRET_KEY_FALLBACKS = [former]
    send(second)

    first.refresh_from_db()
    assert (first.state, first.sealed) == ("expired", "")
    assert [mail.to for mail in mailoutbox] == [["ann@example.com"]]


def test_a_new_account_stays_and_can_prove_its_address_later(
    db: None, client: Client, server: MailServer, settings: Settings
) -> None:
    settings.EMAIL_PORT = 1
    client.post(SIGN_UP, {"email": "new@example.com"})
    try_to_send(only_mail())
    settings.EMAIL_PORT = server.port
    client.post(CODE, {"email": "new@example.com"})
    send_all()

    client.post(CONFIRM, {"code": code_of(server.mails[-1].get_content())})

    assert EmailAddress.objects.get().verified
    assert [row.state for row in SignInMail.objects.all()] == ["sent", "sent"]
