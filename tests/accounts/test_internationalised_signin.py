"""Sign-up, sign-in and password reset with an address that isn't ASCII."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.accounts.pages import (
    code_in_mail,
    link_in_mail,
    outbox,
    sign_in,
    signed_in_as,
    text_of,
    told,
)
from tests.makers import PASSWORD, make_user

STORED = "jörg@xn--mller-kva.example"
SPELLINGS = [
    "jörg@müller.example",
    " JÖRG@Müller.EXAMPLE ",
    "jörg@xn--mller-kva.example",
    "jo\u0308rg@XN--MLLER-KVA.example",
]
SIGN_UP, CODE, RESET = map(
    reverse, ("account_signup", "account_request_login_code", "account_reset_password")
)
CONFIRM = reverse("account_confirm_login_code")
every_spelling = pytest.mark.parametrize("typed", SPELLINGS)


@pytest.fixture
def joerg(db: None) -> User:
    return make_user(STORED)


@every_spelling
def test_sign_up_keeps_one_form_and_the_link_proves_it(db: None, typed: str) -> None:
    visitor = Client()
    assert visitor.post(SIGN_UP, {"email": typed})["Location"]
    address = EmailAddress.objects.get()
    assert User.objects.get().email == address.email == STORED
    assert (address.primary, address.verified) == (True, False)
    assert outbox()[0].to == [STORED]
    assert len(outbox()) == 1

    visitor.post(link_in_mail())
    visitor.post(CODE, {"email": typed})
    visitor.post(CONFIRM, {"code": code_in_mail()})
    assert signed_in_as(visitor) == str(address.user_id)
    assert EmailAddress.objects.get().verified


@every_spelling
def test_password_signs_in(joerg: User, client: Client, typed: str) -> None:
    sign_in(client, typed, PASSWORD)
    assert signed_in_as(client) == str(joerg.pk)


@every_spelling
def test_emailed_code_signs_in(joerg: User, client: Client, typed: str) -> None:
    client.post(CODE, {"email": typed})
    assert outbox()[-1].to == [STORED]
    client.post(CONFIRM, {"code": code_in_mail()})
    assert signed_in_as(client) == str(joerg.pk)


@every_spelling
def test_reset_link_goes_to_the_stored_address(joerg: User, client: Client, typed: str) -> None:
    client.post(RESET, {"email": typed})
    assert (outbox()[-1].to, outbox()[-1].subject) == ([STORED], "Choose a new password")
    form = client.get(link_in_mail())["Location"]
    client.post(form, {"password1": "another-long-one", "password2": "another-long-one"})
    sign_in(client, typed, "another-long-one")
    assert signed_in_as(client) == str(joerg.pk)


def test_known_person_who_signs_up_in_another_spelling_stays_one(joerg: User) -> None:
    taken = told(Client(), SIGN_UP, {"email": SPELLINGS[0]}, email=STORED)
    free = told(Client(), SIGN_UP, {"email": "käthe@example.com"}, email="käthe@example.com")
    assert taken == free
    assert User.objects.filter(email=STORED).count() == 1
    assert outbox()[0].subject == "You already have an account"


@pytest.mark.parametrize("page", [SIGN_UP, CODE, RESET])
def test_form_says_what_is_wrong_and_lets_any_address_be_typed(
    db: None, client: Client, page: str
) -> None:
    refused = client.post(page, {"email": "an\u200bn@example.com"})
    assert "before the @ is a blank or an invisible character" in text_of(refused)
    assert 'type="email"' not in text_of(refused)
    assert 'inputmode="email"' in text_of(refused)
    assert outbox() == []
