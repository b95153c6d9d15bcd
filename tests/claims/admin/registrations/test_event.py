"""The list of events stays fast with a million of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import admin as accounts_admin
from claims.models import Event
from tests.makers import make_claim, make_order

URL = reverse("admin:claims_event_changelist")


@pytest.fixture
def claim(ann):
    return make_claim(make_order(ann))


def did(claim, actor=None, kind="noted", at=None):
    return Event.objects.create(
        order=claim.order, claim=claim, kind=kind, actor=actor, at=at or timezone.now()
    )


def found(client, **query):
    response = client.get(URL, query)
    assert response.status_code == 200
    return list(response.context["cl"].result_list)


def test_it_is_found_by_kind_person_and_day(claim, sue, max_, otto, browse):
    yesterday = timezone.now() - timedelta(days=2)
    wanted = did(claim, sue)
    did(claim, sue, at=yesterday)
    did(claim, max_)
    did(claim, sue, kind="assigned")

    assert found(browse(otto), kind__exact="noted", person=sue.pk, when="today") == [wanted]


def test_what_the_system_did_is_found_by_nobody(claim, sue, otto, browse):
    did(claim, sue)
    system = did(claim)

    assert found(browse(otto), person="nobody", kind__exact="noted") == [system]


@pytest.mark.parametrize("person", ["x", "9" * 30, "-1"])
def test_a_person_who_cannot_be_is_no_error(person, claim, otto, browse):
    assert len(found(browse(otto), person=person)) == 1


def test_a_search_finds_a_code_or_its_beginning_an_order_and_an_email(
    claim, ann, bob, otto, browse
):
    make_claim(make_order(bob))
    wanted = list(claim.events.all())

    for text in (
        claim.code,
        claim.code.lower(),
        claim.code[:14],
        claim.order.shop_id,
        "ANN@example.com",
    ):
        assert found(browse(otto), q=f" {text} ") == wanted, text
    assert found(browse(otto), q="nothing like that") == []


def test_support_finds_no_colleague_s_lines_by_person(claim, sue, max_, browse):
    did(claim, max_)
    mine = did(claim, sue)
    client = browse(sue)

    assert found(client, q="max@example.com") == []
    assert found(client, q="sue@example.com") == [mine]
    assert len(found(client, person=max_.pk)) == 3
    assert "By person" not in client.get(URL).content.decode()
    for lookup in ("actor", "actor__exact", "actor__id__exact", "actor__email"):
        assert client.get(URL, {lookup: max_.pk}).status_code in {302, 400}


def test_it_stops_counting_and_says_so(claim, sue, otto, browse, monkeypatch):
    monkeypatch.setattr(accounts_admin, "MOST_LISTED", 3)
    for _ in range(5):
        did(claim, sue)

    page = browse(otto).get(URL)

    assert page.context["cl"].result_count == 3
    assert "These are the first 3." in page.content.decode()


def test_nothing_is_counted_in_full_and_a_line_costs_no_query(claim, sue, otto, browse):
    client = browse(otto)

    def queries():
        with CaptureQueriesContext(connection) as asked:
            found(client)
        return [each["sql"] for each in asked]

    one = queries()
    for _ in range(30):
        did(claim, sue)
    many = queries()

    assert len(many) == len(one)
    counts = [sql for sql in many if "COUNT(" in sql]
    assert counts
    assert all("LIMIT" in sql for sql in counts)


def test_a_claim_s_line_leads_to_its_story(claim, otto, browse):
    event = claim.events.get()

    page = browse(otto).get(reverse("admin:claims_event_change", args=[event.pk])).content.decode()

    assert reverse("admin:claims_event_story", args=[claim.pk]) in page
