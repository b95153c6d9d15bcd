from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from accounts.models import User
from tests.accounts.pages import link_in_mail, outbox, sign_in, signed_in_as, told
from tests.makers import PASSWORD

RESET = reverse("account_reset_password")
NEW = "quite-another-long-password"


def choose(client: Client, link: str, password: str) -> str:
    """Open a reset link as a browser does, send the form behind it, and return where it led."""
    form = client.get(link)["Location"]
    return str(client.post(form, {"password1": password, "password2": password})["Location"])


def test_link_in_the_mail_changes_the_password(client: Client, ann: User) -> None:
    client.post(RESET, {"email": ann.email})
    done = choose(client, link_in_mail(), NEW)
    assert done == reverse("account_reset_password_from_key_done")
    ann.refresh_from_db()
    assert ann.check_password(NEW)
    visitor = Client()
    sign_in(visitor, ann.email, PASSWORD)
    assert signed_in_as(visitor) is None
    sign_in(visitor, ann.email, NEW)
    assert signed_in_as(visitor) == str(ann.pk)


def test_link_works_once(client: Client, ann: User) -> None:
    client.post(RESET, {"email": ann.email})
    link = link_in_mail()
    choose(client, link, NEW)
    again = Client().get(link)
    assert again.status_code == 200
    assert "This link no longer works" in again.content.decode()


def test_key_is_gone_from_the_address_of_the_form(client: Client, ann: User) -> None:
    client.post(RESET, {"email": ann.email})
    link = link_in_mail()
    form = client.get(link)["Location"]
    assert form.endswith("-set-password/")
    assert link.rstrip("/").rsplit("-", 1)[1] not in form


def test_known_unknown_and_closed_accounts_read_the_same(ann: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(is_active=False)
    emails = [ann.email, bob.email, "nobody@example.com"]
    answers = [told(Client(), RESET, {"email": email}, email=email) for email in emails]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0].addresses == (reverse("account_reset_password_done"),)
    assert [message.subject for message in outbox()] == [
        "Choose a new password",
        "There is no account with this address",
        "There is no account with this address",
    ]


def test_password_is_as_it_was_until_the_form_is_sent(client: Client, ann: User) -> None:
    client.post(RESET, {"email": ann.email})
    client.get(link_in_mail(), follow=True)
    ann.refresh_from_db()
    assert ann.check_password(PASSWORD)


def test_person_who_was_imported_gets_a_first_password(client: Client, db: None) -> None:
    imported = User.objects.create_user("new@example.com")
    client.post(RESET, {"email": imported.email})
    choose(client, link_in_mail(), NEW)
    imported.refresh_from_db()
    assert imported.check_password(NEW)


@pytest.mark.parametrize("email", ["ann@example.com", "nobody@example.com"])
def test_links_in_mail_name_the_configured_host(
    client: Client, ann: User, settings: Settings, email: str
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    settings.BASE_URL = "https://claims.example"
    client.post(RESET, {"email": email}, HTTP_HOST="evil.example")
    assert "https://claims.example/account/" in outbox()[0].body
    assert "evil.example" not in outbox()[0].body


def test_host_that_is_not_ours_is_refused_before_any_mail(client: Client, ann: User) -> None:
    response = client.post(RESET, {"email": ann.email}, HTTP_HOST="evil.example")
    assert response.status_code == 400
    assert outbox() == []
