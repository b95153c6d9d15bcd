"""Of many requests that use one link at the same moment, one signs in."""

import pytest
from django.db import connection
from django.utils import timezone

from accounts import sign_in_links
from accounts.models import SignInLink
from tests.concurrency.racing import errors, race
from tests.makers import make_user

TOGETHER = 8


def use(secret, now):
    return lambda: sign_in_links.use_link(secret, now=now)


@pytest.mark.usefixtures("real_commits")
def test_a_link_signs_in_once():
    ann, now = make_user("ann@example.com"), timezone.now()
    secret = sign_in_links.make_link(email=ann.email, now=now)

    outcomes = race(*[use(secret, now)] * TOGETHER)

    assert errors(outcomes) == []
    assert [person for person in outcomes if person] == [ann]


@pytest.mark.usefixtures("real_commits")
def test_without_the_condition_and_the_trigger_it_signs_in_twice(monkeypatch):
    ann, now = make_user("ann@example.com"), timezone.now()
    secret = sign_in_links.make_link(email=ann.email, now=now)
    stale = sign_in_links.find_link(secret, now=now)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_signinlink DISABLE TRIGGER USER")
    monkeypatch.setattr(sign_in_links, "find_link", lambda *args, **more: stale)
    monkeypatch.setattr(
        sign_in_links, "_unused", lambda link: SignInLink.objects.filter(pk=link.pk)
    )

    outcomes = race(*[use(secret, now)] * 2)

    assert outcomes == [ann, ann]


@pytest.mark.usefixtures("real_commits")
def test_with_the_condition_alone_it_signs_in_once(monkeypatch):
    ann, now = make_user("ann@example.com"), timezone.now()
    secret = sign_in_links.make_link(email=ann.email, now=now)
    stale = sign_in_links.find_link(secret, now=now)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_signinlink DISABLE TRIGGER USER")
    monkeypatch.setattr(sign_in_links, "find_link", lambda *args, **more: stale)

    outcomes = race(*[use(secret, now)] * 2)

    assert sorted(outcomes, key=bool) == [None, ann]
