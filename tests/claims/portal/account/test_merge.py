"""The page on which a customer objects to a merge, by the link in the mail."""

from __future__ import annotations

import json

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone

from accounts.models import CustomerMerge
from claims.actions.notices import merge_links
from claims.actions.notices.merge_links import MergeLink, address_of
from claims.actions.review.customer_merges import cancel_merge, complete_merge, object_to_merge
from tests.makers import make_merge, make_user


@pytest.fixture
def merge(ann, bob) -> CustomerMerge:
    return make_merge(ann, bob)


def address(merge, person):
    return address_of(MergeLink(merge.pk, person.pk))


def text(response):
    words = response.content.decode().replace("\N{WORD JOINER}", "")
    return " ".join(words.split())


def test_it_shows_what_is_planned_and_a_fetch_changes_nothing(merge, ann, client):
    for fetch in (client.head, client.get, client.get):
        page = fetch(address(merge, ann))

    merge.refresh_from_db()
    assert merge.state == "confirmed"
    assert "ann@example.com" in text(page)
    assert "b…@example.com" in text(page)
    assert "Yours ends" in text(page)
    assert "bob" not in text(page).lower()
    assert "I object" in text(page)


@pytest.mark.parametrize("side", ["merged", "survivor"])
def test_a_press_objects_without_a_sign_in(side, merge):
    person = getattr(merge, side)
    client = Client(enforce_csrf_checks=True)
    client.get(address(merge, person))
    token = {"csrfmiddlewaretoken": client.cookies["csrftoken"].value}

    page = client.post(address(merge, person), token, follow=True)

    merge.refresh_from_db()
    assert (merge.state, merge.ended_by) == ("objected", person)
    assert "You objected on" in text(page)
    assert "stay apart" in text(page)


def test_the_other_one_reads_that_somebody_objected(merge, ann, bob, client):
    object_to_merge(merge_id=merge.pk, user_id=ann.pk, now=timezone.now())

    assert "The other customer objected on" in text(client.get(address(merge, bob)))


def test_after_it_is_done_the_page_says_when_and_what_to_do(merge, ann, bob, client):
    complete_merge(merge_id=merge.pk, now=timezone.now())

    page = client.post(address(merge, ann), follow=True)

    merge.refresh_from_db()
    assert merge.state == "done"
    assert "Nothing has changed: this merge is done." in text(page)
    assert "you can no longer object here" in text(page)
    assert "write to the shop’s support at once" in text(page)
    assert "Your own sign-in has ended." in text(page)
    assert "Go to my orders" in text(client.get(address(merge, bob)))


def test_a_cancelled_one_says_so(merge, ann, client):
    cancel_merge(merge_id=merge.pk, by=merge.asked_by, now=timezone.now())

    page = text(client.get(address(merge, ann)))

    assert "We cancelled this on" in page
    assert "I object" not in page


def test_a_link_that_we_did_not_sign_is_not_found(merge, ann, client):
    forged = signing.dumps([merge.pk, ann.pk], salt="another")
    good = address(merge, ann)

    for link in (f"/merges/{forged}/", f"{good[:-2]}x/", "/merges/x/"):
        assert client.get(link).status_code == 404
        assert client.post(link).status_code == 404
    merge.refresh_from_db()
    assert merge.state == "confirmed"


def test_a_link_of_somebody_else_opens_nothing(merge, client, db):
    cleo = make_user("cleo@example.com")

    assert client.get(address(merge, cleo)).status_code == 404


def test_the_secret_in_its_address_stays_on_the_site_and_in_no_cache(merge, ann, client):
    page = client.get(address(merge, ann))

    assert page["Referrer-Policy"] == "same-origin"
    assert "no-store" in page["Cache-Control"]


def test_someone_without_an_address_is_called_so(ann, bob, client):
    type(bob).objects.filter(pk=bob.pk).update(email="")
    bob.refresh_from_db()
    merge = make_merge(ann, bob)

    assert "an account without an email address" in text(client.get(address(merge, ann)))


def test_without_the_signature_anybody_could_object_for_anybody(merge, ann, client, monkeypatch):
    def unsigned(text, *, salt):
        return json.loads(signing.b64_decode(text.split(":")[0].encode()))

    monkeypatch.setattr(merge_links.signing, "loads", unsigned)
    made_up = signing.b64_encode(json.dumps([merge.pk, ann.pk]).encode()).decode()

    client.post(f"/merges/{made_up}:x:y/")

    merge.refresh_from_db()
    assert (merge.state, merge.ended_by) == ("objected", ann)
