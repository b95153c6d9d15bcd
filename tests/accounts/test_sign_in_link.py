"""`manage.py signin EMAIL` prints a link that lets one person in once, without a mail."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pgtrigger
import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts import sign_in_links
from accounts.models import SignInLink, User
from tests.accounts.pages import sign_in, signed_in_as, text_of
from tests.makers import PASSWORD


def link_for(email: str) -> str:
    """Return the path of the link that the command prints."""
    printed = io.StringIO()
    call_command("signin", email, stdout=printed)
    found = re.fullmatch(r"http://localhost:8000(/account/link/\S+/)\n", printed.getvalue())
    assert found, printed.getvalue()
    return found[1]


def test_the_first_administrator_gets_in_without_mail(client: Client, db: None) -> None:
    boss = User.objects.create_superuser("boss@example.com", PASSWORD)
    link = link_for("Boss@Example.com")

    page = client.get(link)
    assert "<strong>boss@example.com</strong>" in text_of(page)
    assert signed_in_as(client) is None
    client.post(link)

    assert signed_in_as(client) == str(boss.pk)
    assert client.get(reverse("admin:index")).status_code == 200
    assert EmailAddress.objects.get(user=boss).verified


def test_it_removes_a_password_from_before_the_proof(client: Client, db: None) -> None:
    boss = User.objects.create_superuser("boss@example.com", PASSWORD)
    client.post(link_for(boss.email))
    assert client.get(reverse("profile")).status_code == 200
    other = Client()
    sign_in(other, boss.email, PASSWORD)
    assert signed_in_as(other) is None


def test_it_leaves_the_password_of_a_proven_address(client: Client, ann: User) -> None:
    client.post(link_for(ann.email))
    ann.refresh_from_db()
    assert ann.check_password(PASSWORD)


def test_it_works_once(ann: User) -> None:
    link = link_for(ann.email)
    Client().post(link)

    late = Client()
    assert late.get(link).status_code == 404
    answer = late.post(link)

    assert answer.status_code == 404
    assert "This link has expired, has been used, or is incomplete." in text_of(answer)
    assert signed_in_as(late) is None


def test_it_works_for_fifteen_minutes(ann: User, client: Client) -> None:
    now = timezone.now()
    secret = sign_in_links.make_link(email=ann.email, now=now - timedelta(minutes=15))
    link = reverse("sign_in_link", args=[secret])
    assert client.post(link).status_code == 404
    assert signed_in_as(client) is None


@pytest.mark.parametrize("change", [{"is_active": False}, {"email": "new@example.com"}])
def test_it_ends_with_the_account_and_with_the_address(
    ann: User, client: Client, change: dict[str, object]
) -> None:
    link = link_for(ann.email)
    User.objects.filter(pk=ann.pk).update(**change)
    assert client.post(link).status_code == 404
    assert signed_in_as(client) is None


@pytest.mark.parametrize("email", ["nobody@example.com", ""])
def test_an_unknown_address_is_refused_in_one_line(ann: User, email: str) -> None:
    with pytest.raises(CommandError, match=r"^Nobody has this address\.$"):
        call_command("signin", email)
    assert not SignInLink.objects.exists()


def test_an_inactive_person_is_refused_in_one_line(ann: User) -> None:
    User.objects.filter(pk=ann.pk).update(is_active=False)
    with pytest.raises(CommandError, match=r"^This person is not active\.$"):
        call_command("signin", ann.email)
    assert not SignInLink.objects.exists()


def test_the_log_names_the_person_by_number_and_not_the_link(
    ann: User, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    link = link_for(ann.email)
    client.post(link)
    told = [record.getMessage() for record in caplog.records if "sign" in record.getMessage()]
    made, used = told[-2:]
    assert made == f"A sign-in link for user {ann.pk} was made by manage.py signin."
    assert used == f"User {ann.pk} signs in by a link of manage.py signin."
    assert link.split("/")[-2] not in caplog.text
    assert ann.email not in caplog.text
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_signinlink AS one WHERE one::text LIKE %s",
                       [f"%{link.split('/')[-2]}%"])  # fmt: skip
        assert cursor.fetchone() == (0,)


def test_the_link_names_the_configured_host(ann: User, settings: Settings) -> None:
    settings.BASE_URL = "https://claims.example"
    printed = io.StringIO()
    call_command("signin", ann.email, stdout=printed)
    assert printed.getvalue().startswith("https://claims.example/account/link/")


def use_again(link: SignInLink) -> None:
    SignInLink.objects.filter(pk=link.pk).update(used_at=link.made_at + timedelta(minutes=2))


def test_the_database_uses_a_link_once(ann: User) -> None:
    now = timezone.now()
    secret = sign_in_links.make_link(email=ann.email, now=now)
    assert sign_in_links.use_link(secret, now=now) == ann
    link = SignInLink.objects.get()

    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        use_again(link)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        SignInLink.objects.update(used_at=None)
    with pgtrigger.ignore("accounts.SignInLink:is_used_once"):
        SignInLink.objects.update(used_at=None)
    assert sign_in_links.use_link(secret, now=now) == ann


def test_the_database_uses_no_link_that_has_expired(ann: User) -> None:
    sign_in_links.make_link(email=ann.email, now=timezone.now())
    link = SignInLink.objects.get()
    with (
        pytest.raises(IntegrityError, match="a_sign_in_link_is_used_before_it_expires"),
        transaction.atomic(),
    ):
        SignInLink.objects.update(used_at=link.expires_at)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE accounts_signinlink"
                       " DROP CONSTRAINT a_sign_in_link_is_used_before_it_expires")  # fmt: skip
    SignInLink.objects.update(used_at=link.expires_at)
