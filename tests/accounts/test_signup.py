from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from accounts.models import User
from tests.accounts.pages import code_in_mail, link_in_mail, outbox, sign_in, signed_in_as, told
from tests.makers import PASSWORD

SIGN_UP = reverse("account_signup")
SENT = reverse("account_email_verification_sent")


def fields(email: str = "new@example.com", **changes: str) -> dict[str, str]:
    return {"email": email} | changes


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
    assert visitor.post(link)["Location"] == reverse("account_request_login_code")
    address.refresh_from_db()
    assert address.verified
    visitor.post(reverse("account_request_login_code"), {"email": address.email})
    visitor.post(reverse("account_confirm_login_code"), {"code": code_in_mail()})
    assert signed_in_as(visitor) == str(address.user_id)
    assert reverse("account_set_password") in visitor.get(reverse("profile")).content.decode()


def test_page_asks_for_no_password_and_says_when_to_set_one(client: Client, db: None) -> None:
    page = client.get(SIGN_UP).content.decode()
    assert 'type="password"' not in page
    assert "You can set a password afterwards" in page


@pytest.mark.parametrize("way", ["link", "code"])
def test_stranger_who_signs_up_with_an_address_stays_out_when_its_owner_proves_it(
    db: None, way: str
) -> None:
    stranger, owner = Client(), Client()
    passwords = {"password": PASSWORD, "password1": PASSWORD, "password2": PASSWORD}
    stranger.post(SIGN_UP, fields("victim@example.com", **passwords))
    person = User.objects.get()
    assert not person.has_usable_password()

    if way == "link":
        owner.post(link_in_mail())
    else:
        owner.post(reverse("account_request_login_code"), {"email": person.email})
        owner.post(reverse("account_confirm_login_code"), {"code": code_in_mail()})

    assert EmailAddress.objects.get().verified
    stranger.get(SENT)
    assert stranger.get(reverse("profile")).status_code == 302
    sign_in(stranger, person.email, PASSWORD)
    assert signed_in_as(stranger) is None


def test_link_ends_a_password_that_was_left_on_an_unproven_address(db: None) -> None:
    stranger = Client()
    squatted = User.objects.create_user("victim@example.com", PASSWORD)
    sign_in(stranger, squatted.email, PASSWORD)
    Client().post(link_in_mail())
    assert EmailAddress.objects.get().verified
    sign_in(stranger, squatted.email, PASSWORD)
    assert signed_in_as(stranger) is None


def test_broken_link_says_so(client: Client, db: None) -> None:
    response = client.get(reverse("account_confirm_email", args=["Mw:1abcde:broken"]))
    assert "This link has expired" in response.content.decode()


@pytest.mark.parametrize("known", ["ann@example.com", "Ann@EXAMPLE.com"])
def test_known_and_new_email_read_the_same(ann: User, known: str) -> None:
    taken = told(Client(), SIGN_UP, fields(known), email=known.lower())
    free = told(Client(), SIGN_UP, fields("free@example.com"), email="free@example.com")
    assert taken == free
    assert taken.addresses == (SENT,)
    subjects = [message.subject for message in outbox()]
    assert subjects == ["You already have an account", "Confirm your email address"]


def test_trying_twice_reads_the_same_for_known_and_new_email(ann: User) -> None:
    answers = []
    for email in (ann.email, "free@example.com"):
        told(Client(), SIGN_UP, fields(email), email=email)
        answers.append(told(Client(), SIGN_UP, fields(email), email=email))
    assert answers[0] == answers[1]


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
    assert "evil.example" not in f"{outbox()[0].subject} {outbox()[0].body}"


@pytest.mark.parametrize("email", ["ann@example.com", "new@example.com"])
def test_links_in_mail_name_the_configured_host(
    client: Client, ann: User, settings: Settings, email: str
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    settings.BASE_URL = "https://claims.example"
    client.post(SIGN_UP, fields(email), HTTP_HOST="evil.example")
    assert "https://claims.example/account/" in outbox()[0].body
    assert "evil.example" not in outbox()[0].body
