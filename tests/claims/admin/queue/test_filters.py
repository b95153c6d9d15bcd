import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from claims.actions.review import assignment, conversation
from claims.admin.queue.filters import FILTERS, filed_span
from claims.models import Claim
from claims.queries.review.queue import values_of
from tests.claims.admin.asking import QUEUE, codes, page, text_of
from tests.makers import make_claim, make_order
from tests.reviewing import take

DAY = date(2028, 3, 1)


@pytest.mark.parametrize(
    ("word", "first", "end"),
    [
        ("today", date(2028, 3, 1), date(2028, 3, 2)),
        ("7-days", date(2028, 2, 24), date(2028, 3, 2)),
        ("30-days", date(2028, 2, 1), date(2028, 3, 2)),
        ("this-month", date(2028, 3, 1), date(2028, 3, 2)),
        ("last-month", date(2028, 2, 1), date(2028, 3, 1)),
    ],
)
def test_a_word_means_whole_days(word, first, end):
    assert filed_span(word, today=DAY) == (first, end)


@pytest.mark.parametrize("word", [None, "", "other"])
def test_another_word_means_any_day(word):
    assert filed_span(word, today=DAY) is None


@pytest.mark.parametrize("tab", ["open", "closed"])
def test_a_week_is_shown_and_older_claims_are_not(tab, ann, sue, browse, monkeypatch):
    bought = datetime(2028, 2, 23, 10, tzinfo=UTC)
    old = make_claim(
        make_order(ann, purchased_at=bought), now=datetime(2028, 2, 23, 23, tzinfo=UTC)
    )
    new = make_claim(make_order(ann, purchased_at=bought), now=datetime(2028, 2, 24, 1, tzinfo=UTC))
    if tab == "closed":
        Claim.objects.update(status="withdrawn", closed_at=datetime(2028, 2, 25, tzinfo=UTC))
    monkeypatch.setattr("claims.admin.queue.filters.timezone.localdate", lambda now: DAY)

    assert codes(browse(sue), tab=tab, filed="7-days") == [new.code]
    assert codes(browse(sue), tab=tab, filed="30-days") == (
        [old.code, new.code] if tab == "open" else [new.code, old.code]
    )


@pytest.fixture
def wanted(ann, sue, bob):
    """Make a claim that each filter finds, beside one that none of them finds."""
    make_claim(make_order(bob))
    order = make_order(
        ann, service="telegram", country="BR", channel="api", sms=True, price="30.00",
        purchased_at=timezone.now() - timedelta(days=5),
    )  # fmt: skip
    order.number.supplier = "south"
    order.number.save()
    claim = make_claim(
        order, kind="invalid_number", proofs=("screenshot", "video"),
        now=timezone.now() - timedelta(days=4),
    )  # fmt: skip
    assignment.assign(claim_ids=[claim.pk], to=sue, by=sue, now=timezone.now())
    take(claim.pk, by=sue, now=timezone.now())
    conversation.ask_for_evidence(
        claim_id=claim.pk, by=sue, seen=claim.events.latest("pk").pk, note="?", now=timezone.now()
    )
    Claim.objects.filter(pk=claim.pk).update(is_failing=True)
    return claim


ALL_OF_THEM = {
    "kind": "invalid_number",
    "status": "waiting_customer",
    "service": "telegram",
    "country": "BR",
    "supplier": "south",
    "channel": "api",
    "amount": "3",
    "filed": "older-3-days",
    "verdict": "failing",
    "assignee": "me",
    "evidence": "pictures-and-videos",
}


def test_every_filter_keeps_what_it_names_alone_and_with_the_others(wanted, sue, browse):
    client = browse(sue)
    found = {name: codes(client, **{name: value}) for name, value in ALL_OF_THEM.items()}

    assert set(ALL_OF_THEM) == set(FILTERS)
    assert found == {name: [wanted.code] for name in ALL_OF_THEM}
    assert codes(client, **ALL_OF_THEM) == [wanted.code]
    assert codes(client, **ALL_OF_THEM | {"channel": "web"}) == []


def test_whose_means_a_person_or_nobody(wanted, sue, max_, browse):
    other = Claim.objects.exclude(pk=wanted.pk).get()

    assert codes(browse(max_), assignee=str(sue.pk)) == [wanted.code]
    assert codes(browse(max_), assignee="me") == []
    assert codes(browse(sue), assignee="nobody") == [other.code]
    Claim.objects.update(status="withdrawn", closed_at=timezone.now())
    assert codes(browse(sue), tab="closed", assignee="nobody") == [other.code]


def test_a_final_status_is_looked_for_among_the_closed(ann, sue, browse):
    claim = make_claim(make_order(ann))
    Claim.objects.update(status="withdrawn", closed_at=timezone.now())

    assert codes(browse(sue), status="withdrawn") == [claim.code]


def test_a_status_that_no_claim_of_the_tab_has_is_left_out_and_told(ann, sue, browse):
    claim = make_claim(make_order(ann))

    shown = page(browse(sue), tab="open", status="refunded")

    assert [claim.code for claim in shown.claims] == [claim.code]
    assert shown.problems == ["No claim on this tab has the status “refunded”."]


JUNK = ["' OR 1=1 --", "é\x1f", "9" * 40, "x" * 3000]


@pytest.mark.parametrize("value", JUNK)
def test_a_value_that_is_not_known_is_left_out_and_told_or_finds_nothing(value, ann, sue, browse):
    claim = make_claim(make_order(ann))
    client = browse(sue)

    for name in [*FILTERS, "tab"]:
        shown = page(client, **{name: value})
        told = [claim.code for claim in shown.claims], bool(shown.problems)
        assert told in [([claim.code], True), ([], False)]
        assert name in {"supplier", "service"} or shown.problems


def test_an_address_with_a_nul_is_a_bad_request(sue, browse):
    client = browse(sue)

    for name in [*FILTERS, "tab", "q", "after", "before"]:
        assert client.get(f"{QUEUE}?{name}=%00").status_code == 400


def menu(shown, label):
    return next(each for each in shown.menus if each.label == label)


def test_menus_offer_what_the_claims_of_the_tab_have(wanted, sue, max_, browse):
    Claim.objects.filter(pk=wanted.pk).update(status="withdrawn", closed_at=timezone.now())
    open_tab, closed = page(browse(max_)), page(browse(max_), tab="closed")

    def offered(shown, label):
        queries = re.findall(r'href="\?([^"]*)"', menu(shown, label).items)
        return [query.rpartition("=")[2] for query in queries[1:]]

    assert offered(open_tab, "Service") == ["whatsapp"]
    assert offered(closed, "Service") == ["telegram"]
    assert offered(closed, "Country") == ["BR"]
    assert offered(closed, "Assignee") == ["me", "nobody", str(sue.pk)]
    assert offered(open_tab, "Assignee") == ["me", "nobody"]


def test_the_values_of_all_menus_take_two_queries_a_minute(ann, sue):
    for service in ("discord", "google", "viber", ""):
        claim = make_claim(make_order(ann, service=service, service_sent="foo"))
    Claim.objects.filter(pk=claim.pk).update(assignee=sue)

    with CaptureQueriesContext(connection) as queries:
        values = values_of(closed=False)
        assert values_of(closed=False) == values

    assert len(queries) == 2
    assert values.by_column == {
        "service": ["discord", "google", "viber"],
        "country": ["DE"],
        "supplier": ["north"],
        "assignee_id": [str(sue.pk)],
    }
    assert values.people == [(sue.pk, str(sue))]
    assert values.has_unmapped


def test_claims_of_an_unknown_service_are_found_by_the_filter(ann, sue, browse):
    unknown = make_claim(make_order(ann, service="", service_sent="some <b>chat</b>"))
    make_claim(make_order(ann, service="viber"))
    client = browse(sue)

    shown = page(client, service="-")

    assert codes(client, service="-") == [unknown.code]
    assert "service=-" in menu(shown, "Service").items
    assert "<bdi>some &lt;b&gt;chat&lt;/b&gt;</bdi>" in text_of(client, service="-")


def test_what_is_chosen_is_shown_and_can_be_taken_back(wanted, sue, browse):
    shown = page(browse(sue), service="telegram", country="BR")

    assert [(chip.label, chip.without) for chip in shown.chips] == [
        ("Service", "tab=open&country=BR"),
        ("Country", "tab=open&service=telegram"),
    ]
    assert "Clear all filters" in text_of(browse(sue), service="telegram")
    assert "Clear all filters" not in text_of(browse(sue))


def test_tabs_keep_the_filters_that_fit_them(wanted, sue, browse):
    shown = page(browse(sue), service="telegram", status="waiting_customer", q="x-y-z")

    queries = {tab.title: tab.query for tab in shown.tabs}
    assert queries["All open"] == "tab=open&status=waiting_customer&service=telegram"
    assert queries["Closed"] == "tab=closed&service=telegram"
