"""The page on which people make and revoke the tokens of their programs."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken
from accounts.tokens import MOST_TOKENS, find_token, make_token, revoke_token

PAGE = "/profile/tokens/"
READ = ["orders:read"]


@pytest.fixture
def browser(ann) -> Client:
    client = Client()
    client.force_login(ann)
    return client


def make(ann, **changes):
    return make_token(
        **{"owner": ann, "name": "Bot", "scopes": READ, "now": timezone.now()} | changes
    )


def secret_in(response):
    found = re.search(r'<code class="secret">(esimpy_[\w-]+)</code>', response.content.decode())
    return found and found[1]


def test_a_token_is_shown_once(browser, ann):
    made = browser.post(PAGE, {"name": " My  bot ", "scopes": ["orders:read", "claims:read"]})

    secret = secret_in(made)
    assert secret
    assert "no-store" in made["cache-control"]
    token = ApiToken.objects.get()
    assert (token.owner, token.name, token.scopes) == (
        ann,
        "My bot",
        ["claims:read", "orders:read"],
    )
    assert find_token(secret, now=timezone.now()) == token
    later = browser.get(PAGE).content.decode()
    assert secret not in later
    assert token.beginning in later


def test_the_page_says_when_it_was_used_last(browser, ann):
    make(ann)
    assert "Never used." in browser.get(PAGE).content.decode()


def test_without_a_name_or_a_scope_there_is_none(browser):
    answer = browser.post(PAGE, {"name": "  "})

    assert answer.status_code == 422
    assert "Choose at least one permission." in answer.content.decode()
    assert browser.post(PAGE, {"name": "Bot", "scopes": ["root"]}).status_code == 422
    assert not ApiToken.objects.exists()


def test_a_revoked_one_is_gone_from_the_page_and_lets_nobody_in(browser, ann):
    token, secret = make(ann)

    page = browser.post(f"{PAGE}{token.pk}/revoke/", follow=True).content.decode()

    assert "You have revoked “Bot”." in page
    assert token.beginning not in page
    assert find_token(secret, now=timezone.now()) is None
    assert browser.post(f"{PAGE}{token.pk}/revoke/").status_code == 302


def test_nobody_revokes_or_sees_somebody_elses(browser, bob):
    token, secret = make(bob)

    assert browser.post(f"{PAGE}{token.pk}/revoke/").status_code == 404
    assert token.beginning not in browser.get(PAGE).content.decode()
    assert find_token(secret, now=timezone.now()) == token


def test_there_are_ten_at_most_at_a_time(browser, ann):
    tokens = [make(ann)[0] for _ in range(MOST_TOKENS)]

    answer = browser.post(PAGE, {"name": "One more", "scopes": READ})

    assert answer.status_code == 422
    assert "You already have 10 tokens, the maximum." in answer.content.decode()
    assert 'value="One more"' in answer.content.decode()
    revoke_token(token_id=tokens[0].pk, by=ann, now=timezone.now())
    assert secret_in(browser.post(PAGE, {"name": "One more", "scopes": READ}))


def test_who_is_signed_out_is_asked_to_sign_in():
    assert Client().get(PAGE)["location"].startswith("/account/login/")


@pytest.mark.parametrize("words", [{"name": ""}, {"scopes": []}, {"scopes": ["root"]}])
def test_the_action_refuses_what_is_no_token(ann, words):
    with pytest.raises(ValidationError):
        make(ann, **words)


@pytest.mark.parametrize(
    "changes",
    [{"scopes": ["claims:write"]}, {"digest": "0" * 64}, {"scopes": []}, {"name": ""}],
)
def test_the_database_keeps_what_a_token_may(ann, changes):
    make(ann)

    with pytest.raises(DatabaseError), transaction.atomic():
        ApiToken.objects.update(**changes)


def test_the_database_keeps_it_revoked(ann):
    token, _ = make(ann)
    revoke_token(token_id=token.pk, by=ann, now=timezone.now())

    with pytest.raises(DatabaseError), transaction.atomic():
        ApiToken.objects.update(revoked_at=None)
    with pytest.raises(DatabaseError), transaction.atomic():
        ApiToken.objects.all().delete()
