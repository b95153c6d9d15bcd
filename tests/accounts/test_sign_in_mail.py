"""The database takes sealed mails of the sign-in pages alone, and erases them in the end."""

from __future__ import annotations

import pgtrigger
import pytest
from django.core.mail import EmailMessage
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from accounts import sign_in_outbox
from accounts.models import SignInMail
from accounts.sign_in_outbox import CODE_LIVES

NOW = timezone.now()
SEALED = "a_sign_in_mail_is_sealed_and_then_erased"


def letter() -> EmailMessage:
    return EmailMessage("Hello", "Your code is ABCDEF", "us@example.com", ["ann@example.com"])


def only_mail() -> SignInMail:
    return SignInMail.objects.get()


def without(constraint: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE accounts_signinmail DROP CONSTRAINT {constraint}")


def plain_text() -> SignInMail:
    return SignInMail.objects.create(
        kind="login_code",
        address="ann@example.com",
        sealed="Your code is ABCDEF",
        day=NOW.date(),
        made_at=NOW,
        expires_at=NOW + CODE_LIVES,
    )


def test_the_database_takes_no_plain_mail(db: None) -> None:
    with pytest.raises(IntegrityError, match=SEALED):
        plain_text()


@pytest.mark.parametrize("state", ["sent", "refused", "expired"])
def test_the_database_ends_no_mail_that_is_not_erased(db: None, state: str) -> None:
    sign_in_outbox.put_mail("login_code", letter(), now=NOW)
    sent_at = NOW if state == "sent" else None
    with pytest.raises(IntegrityError, match=SEALED):
        SignInMail.objects.update(state=state, sent_at=sent_at)


def test_without_the_constraint_it_does_both(db: None) -> None:
    without(SEALED)
    plain_text()
    SignInMail.objects.update(state="expired")
    assert only_mail().sealed == "Your code is ABCDEF"


def test_what_has_ended_never_waits_again(db: None) -> None:
    sealed = sealed_again()
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        SignInMail.objects.update(state="waiting", sealed=sealed)
    with pgtrigger.ignore("accounts.SignInMail:stays_ended"):
        SignInMail.objects.update(state="waiting", sealed=sealed)
    assert only_mail().state == "waiting"


def sealed_again() -> str:
    """Write a mail, let it expire, and return what it was."""
    row = sign_in_outbox.put_mail("login_code", letter(), now=NOW)
    assert row
    sign_in_outbox.erase_expired(now=NOW + CODE_LIVES)
    return row.sealed


def test_what_waits_keeps_its_recipient_and_is_not_deleted(db: None) -> None:
    sign_in_outbox.put_mail("login_code", letter(), now=NOW)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        SignInMail.objects.update(address="eve@example.com")
    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
        SignInMail.objects.all().delete()
    with pgtrigger.ignore(
        "accounts.SignInMail:keeps_whom_it_is_for", "accounts.SignInMail:is_kept_while_it_waits"
    ):
        SignInMail.objects.update(address="eve@example.com")
        SignInMail.objects.all().delete()
    assert not SignInMail.objects.exists()
