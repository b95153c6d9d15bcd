from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from accounts.models import User
from tests.accounts.pages import link_in_mail, sign_in, signed_in_as, told
from tests.makers import PASSWORD

SIGN_UP = reverse("account_signup")
SENT = reverse("account_email_verification_sent")


def fields(email: str = "new@example.com", **changes: str) -> dict[str, str]:
    return {"email": email, "password1": PASSWORD} | changes


def test_new_account_waits_for_its_address_to_be_confirmed(client: Client, db: None) -> None:
    response = client.post(SIGN_UP, fields(display_name="New", time_zone="Asia/Tokyo"))
    person = User.objects.get(email="new@example.com")
    assert response["Location"] == SENT
    assert (person.display_name, person.time_zone) == ("New", "Asia/Tokyo")
    assert not EmailAddress.objects.get(user=person).verified
    assert signed_in_as(client) is None


def test_link_in_the_mail_confirms_when_its_button_is_pressed(client: Client, db: None) -> None:
    client.post(SIGN_UP, fields())
    link = link_in_mail()
    shown = Client().get(link)
    address = EmailAddress.objects.get()
    assert "new@example.com" in shown.content.decode()
    assert not address.verified

    visitor = Client()
    assert visitor.post(link)["Location"] == reverse("account_login")
    address.refresh_from_db()
    assert address.verified
    sign_in(visitor, "new@example.com", PASSWORD)
    assert signed_in_as(visitor) == str(address.user_id)


def test_broken_link_says_so(client: Client, db: None) -> None:
    response = client.get(reverse("account_confirm_email", args=["Mw:1abcde:broken"]))
    assert "This link is too old" in response.content.decode()


@pytest.mark.parametrize("known", ["ann@example.com", "Ann@EXAMPLE.com"])
def test_known_and_new_email_read_the_same(ann: User, known: str) -> None:
    taken = told(Client(), SIGN_UP, fields(known), email=known.lower())
    free = told(Client(), SIGN_UP, fields("free@example.com"), email="free@example.com")
    assert taken == free
    assert taken.addresses == (SENT,)
    subjects = [message.subject for message in mail.outbox]
    assert subjects == ["You have an account already", "Confirm your email address"]


def test_trying_twice_reads_the_same_for_known_and_new_email(ann: User) -> None:
    answers = []
    for email in (ann.email, "free@example.com"):
        told(Client(), SIGN_UP, fields(email), email=email)
        answers.append(told(Client(), SIGN_UP, fields(email), email=email))
    assert answers[0] == answers[1]


def test_weak_password_reads_the_same_for_known_and_new_email(ann: User) -> None:
    weak = {"password1": "12345678"}
    taken = told(Client(), SIGN_UP, fields(ann.email, **weak), email=ann.email)
    free = told(Client(), SIGN_UP, fields("xyz@example.com", **weak), email="xyz@example.com")
    assert taken == free
    assert "too common" in taken.text
    assert mail.outbox == []


def test_known_email_changes_nothing_about_the_account(client: Client, ann: User) -> None:
    client.post(SIGN_UP, fields(ann.email, password1="another-long-password", display_name="Eve"))
    ann.refresh_from_db()
    assert User.objects.count() == 1
    assert ann.display_name == "Ann"
    assert ann.check_password(PASSWORD)


@pytest.mark.parametrize("zone", ["", "Mars/Olympus_Mons", "x" * 500, "../../etc/passwd"])
def test_time_zone_that_the_server_does_not_know_becomes_utc(
    client: Client, db: None, zone: str
) -> None:
    response = client.post(SIGN_UP, fields(time_zone=zone))
    assert response["Location"] == SENT
    assert User.objects.get().time_zone == "UTC"


def test_name_that_a_stranger_chose_stays_out_of_the_mail(client: Client, db: None) -> None:
    client.post(SIGN_UP, fields(display_name="Win a prize at evil.example"))
    assert "evil.example" not in f"{mail.outbox[0].subject} {mail.outbox[0].body}"


@pytest.mark.parametrize("email", ["ann@example.com", "new@example.com"])
def test_links_in_mail_name_the_configured_host(
    client: Client, ann: User, settings: Settings, email: str
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    settings.BASE_URL = "https://claims.example"
    client.post(SIGN_UP, fields(email), HTTP_HOST="evil.example")
    assert "https://claims.example/account/" in mail.outbox[0].body
    assert "evil.example" not in mail.outbox[0].body
