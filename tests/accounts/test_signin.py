from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.accounts.pages import code_in_mail, outbox, sign_in, signed_in_as, told
from tests.makers import PASSWORD

LOGIN = reverse("account_login")
CODE = reverse("account_request_login_code")
CONFIRM = reverse("account_confirm_login_code")


@pytest.mark.parametrize("email", ["ann@example.com", "Ann@Example.COM"])
def test_password_opens_my_orders(client: Client, ann: User, email: str) -> None:
    response = sign_in(client, email, PASSWORD)
    assert response["Location"] == reverse("portal:orders")
    assert signed_in_as(client) == str(ann.pk)


def test_wrong_password_and_unknown_email_read_the_same(ann: User) -> None:
    fields = {"password": "not-the-password"}
    known = told(Client(), LOGIN, fields | {"login": ann.email}, email=ann.email)
    unknown = told(Client(), LOGIN, fields | {"login": "no@example.com"}, email="no@example.com")
    assert known == unknown
    assert "password you specified are not correct" in known.text


def test_closed_account_reads_like_an_unknown_one_without_its_password(ann: User) -> None:
    User.objects.filter(pk=ann.pk).update(is_active=False)
    fields = {"password": "not-the-password"}
    closed = told(Client(), LOGIN, fields | {"login": ann.email}, email=ann.email)
    unknown = told(Client(), LOGIN, fields | {"login": "no@example.com"}, email="no@example.com")
    assert closed == unknown


def test_closed_account_lets_nobody_in(client: Client, ann: User) -> None:
    User.objects.filter(pk=ann.pk).update(is_active=False)
    response = sign_in(client, ann.email, PASSWORD)
    assert response["Location"] == reverse("account_inactive")
    assert signed_in_as(client) is None


def test_unconfirmed_address_lets_nobody_in(client: Client, ann: User) -> None:
    EmailAddress.objects.filter(user=ann).update(verified=False)
    response = sign_in(client, ann.email, PASSWORD)
    assert response["Location"] == reverse("account_email_verification_sent")
    assert signed_in_as(client) is None


def test_emailed_code_signs_in(client: Client, ann: User) -> None:
    asked = client.post(CODE, {"email": ann.email})
    assert asked["Location"] == CONFIRM
    response = client.post(CONFIRM, {"code": code_in_mail()})
    assert response["Location"] == reverse("portal:orders")
    assert signed_in_as(client) == str(ann.pk)


def test_emailed_code_confirms_the_address_of_an_imported_person(client: Client, db: None) -> None:
    imported = User.objects.create_user("new@example.com")
    client.post(CODE, {"email": imported.email})
    client.post(CONFIRM, {"code": code_in_mail()})
    assert signed_in_as(client) == str(imported.pk)
    assert EmailAddress.objects.get(user=imported).verified


def test_emailed_code_ends_a_password_that_was_left_on_an_unproven_address(
    client: Client, db: None
) -> None:
    squatted = User.objects.create_user("victim@example.com", PASSWORD)
    EmailAddress.objects.create(user=squatted, email=squatted.email, primary=True)
    client.post(CODE, {"email": squatted.email})
    client.post(CONFIRM, {"code": code_in_mail()})
    assert client.get(reverse("profile")).status_code == 200
    attacker = Client()
    sign_in(attacker, squatted.email, PASSWORD)
    assert signed_in_as(attacker) is None


def test_emailed_code_leaves_the_password_of_a_proven_address(client: Client, ann: User) -> None:
    client.post(CODE, {"email": ann.email})
    client.post(CONFIRM, {"code": code_in_mail()})
    ann.refresh_from_db()
    assert ann.check_password(PASSWORD)


def test_wrong_code_signs_nobody_in(client: Client, ann: User) -> None:
    client.post(CODE, {"email": ann.email})
    response = client.post(CONFIRM, {"code": "ZZZZZZ"})
    assert response.context["form"].errors["code"]
    assert signed_in_as(client) is None


def test_code_works_once_and_in_the_asking_browser_alone(client: Client, ann: User) -> None:
    client.post(CODE, {"email": ann.email})
    other = Client()
    response = other.post(CONFIRM, {"code": code_in_mail()})
    assert response["Location"].startswith(CODE)
    assert signed_in_as(other) is None


def test_asking_for_a_code_reads_the_same_for_known_and_unknown(ann: User) -> None:
    answers, subjects = [], []
    for email in (ann.email, "nobody@example.com"):
        visitor = Client()
        asked = told(visitor, CODE, {"email": email}, email=email)
        tried = told(visitor, CONFIRM, {"code": "ZZZZZZ"}, email=email)
        answers.append((asked, tried))
        subjects.append(outbox()[-1].subject)
    assert answers[0] == answers[1]
    assert answers[0][0].addresses == (CONFIRM,)
    assert subjects == ["Your sign-in code", "There is no account with this address"]


def test_code_stays_out_of_the_subject(client: Client, ann: User) -> None:
    client.post(CODE, {"email": ann.email})
    assert code_in_mail() not in outbox()[-1].subject


def test_page_offers_a_password_and_a_code(client: Client, db: None) -> None:
    page = client.get(LOGIN, {"next": "/credit/"}).content.decode()
    assert 'name="password"' in page
    assert f'href="{CODE}?next=%2Fcredit%2F"' in page
    assert "Email me a code" in page


@pytest.mark.parametrize(
    ("asked_for", "opened"), [("/credit/", "/credit/"), ("https://elsewhere.example/", "/orders/")]
)
def test_sign_in_leads_back_but_never_to_another_site(
    client: Client, ann: User, asked_for: str, opened: str
) -> None:
    fields = {"login": ann.email, "password": PASSWORD, "next": asked_for}
    assert client.post(LOGIN, fields)["Location"] == opened


def test_admin_sends_staff_to_the_same_sign_in_page(client: Client, sue: User) -> None:
    response = client.get(reverse("admin:index"), follow=True)
    address, _ = response.redirect_chain[-1]
    assert address.startswith(LOGIN)
    fields = {"login": sue.email, "password": PASSWORD, "next": reverse("admin:index")}
    assert client.post(LOGIN, fields)["Location"] == reverse("admin:index")
    assert client.get(reverse("admin:index")).status_code == 200


def test_admin_is_closed_to_customers(client: Client, ann: User) -> None:
    client.force_login(ann)
    assert client.get(reverse("admin:login")).status_code == 403


def test_signing_out_takes_a_form(client: Client, ann: User) -> None:
    client.force_login(ann)
    client.get(reverse("account_logout"))
    assert signed_in_as(client) == str(ann.pk)
    response = client.post(reverse("account_logout"))
    assert response["Location"] == LOGIN
    assert signed_in_as(client) is None


def test_guessing_is_slowed_down_alike_for_known_and_unknown(ann: User) -> None:
    texts = []
    for email in (ann.email, "nobody@example.com"):
        visitor = Client()
        for _ in range(6):
            last = told(visitor, LOGIN, {"login": email, "password": "guess"}, email=email)
        texts.append(last)
    assert texts[0] == texts[1]
    assert "Too many failed login attempts" in texts[0].text
