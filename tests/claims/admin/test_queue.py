from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from claims.actions.filing import withdraw_claim
from claims.admin.glance import fetched, verdict_of
from claims.models import Claim
from tests.makers import ANSWERS, make_claim, make_order, newest_event
from tests.reviewing import approve, ask_for_evidence

URL = reverse("admin:claims_claim_changelist")


def codes(client, **query):
    response = client.get(URL, query)
    assert response.status_code == 200
    return [claim.code for claim in response.context["cl"].result_list]


def ask(claim, by):
    ask_for_evidence(
        claim_id=claim.pk, by=by, seen=newest_event(claim), note="A video?", now=timezone.now()
    )


def refund(claim, by):
    approve(
        claim_id=claim.pk,
        by=by,
        seen=newest_event(claim),
        answers=ANSWERS,
        note="",
        now=timezone.now(),
    )


def test_open_claims_are_shown_and_what_waits_for_us_longest_is_first(ann, bob, sue, browse):
    now = timezone.now()
    young = make_claim(make_order(ann), now=now)
    old = make_claim(make_order(ann), now=now - timedelta(minutes=30))
    asked = make_claim(make_order(bob), now=now - timedelta(minutes=50))
    closed = make_claim(make_order(bob), now=now - timedelta(minutes=40))
    ask(asked, sue)
    withdraw_claim(claim_id=closed.pk, by=bob, now=now)

    assert codes(browse(sue)) == [old.code, young.code, asked.code]


def test_closed_claims_come_the_last_closed_first(ann, sue, browse):
    now = timezone.now()
    first, second = make_claim(make_order(ann)), make_claim(make_order(ann))
    make_claim(make_order(ann))
    withdraw_claim(claim_id=first.pk, by=ann, now=now)
    withdraw_claim(claim_id=second.pk, by=ann, now=now + timedelta(seconds=1))

    assert codes(browse(sue), status="closed") == [second.code, first.code]
    assert len(codes(browse(sue), status="all")) == 3
    assert codes(browse(sue), status="refunded") == []


@pytest.mark.parametrize(
    "query",
    [
        {"kind": "invalid_number"},
        {"service": "telegram"},
        {"country": "BR"},
        {"channel": "api"},
        {"status": "submitted", "kind": "invalid_number", "country": "BR"},
    ],
)
def test_each_filter_keeps_what_it_names(query, ann, sue, browse):
    make_claim(make_order(ann))
    order = make_order(ann, service="telegram", country="BR", channel="api", sms=True)
    wanted = make_claim(order, kind="invalid_number", proofs=("screenshot",))

    assert codes(browse(sue), **query) == [wanted.code]


@pytest.mark.parametrize(
    "text",
    [
        "+49 1512 3456789",
        "0049 1512-345 6789",
        "(01512) 3456789",
        "49/1512.345.6789",
        "BOB@example",
        "the-order-77",
        "  bob@example.com ",
    ],
)
def test_search_finds_phone_email_and_order_however_written(text, ann, bob, sue, browse):
    make_claim(make_order(ann))
    wanted = make_claim(make_order(bob, phone="+4915123456789", shop_id="The-Order-77"))

    assert codes(browse(sue), q=text) == [wanted.code]


def test_search_finds_a_code_in_any_case_and_closed_claims_too(ann, sue, browse):
    claim = make_claim(make_order(ann))
    make_claim(make_order(ann))
    withdraw_claim(claim_id=claim.pk, by=ann, now=timezone.now())

    assert codes(browse(sue), q=claim.code.lower()) == [claim.code]
    assert codes(browse(sue), q=claim.code, status="open") == []


def test_a_line_says_all_at_a_glance(ann, sue, browse):
    order = make_order(
        ann, service="telegram", two_factor=True, sms=True, price="4.20", phone="+4915123456789"
    )
    claim = make_claim(order, kind="invalid_number", proofs=("video",), state="waiting")

    page = browse(sue).get(URL).content.decode()

    for words in (
        claim.code,
        reverse("admin:claims_claim_review", args=[claim.pk]),
        "Invalid number",
        order.shop_id,
        "+49 1512 3456789",
        "Telegram",
        'role="img" aria-label="Germany"',
        "2FA",
        "4.20 EUR",
        "2 failed",
        "2 to answer",
        "1 waiting",
        "submitted",
    ):
        assert words in page


def test_a_decided_claim_shows_what_its_receipt_says(ann, sue, browse):
    claim = make_claim(make_order(ann))
    refund(claim, sue)

    page = browse(sue).get(URL, {"status": "refunded"}).content.decode()

    assert "3 asked" in page
    assert "failed" not in page


def test_a_line_agrees_with_the_review_page(ann, sue):
    order = make_order(ann, sms=True)
    claim = make_claim(order, kind="invalid_number", proofs=("screenshot",))
    make_claim(make_order(ann, sms=True), kind="invalid_number", proofs=("video",), state="waiting")

    lines = fetched(Claim.objects.all())

    assert {line.pk: verdict_of(line) for line in lines} == {
        one.pk: one.assess() for one in Claim.objects.all()
    }
    assert verdict_of(lines.get(pk=claim.pk)).eligible


def test_a_defect_whose_days_are_over_is_due(ann, sue, browse):
    bought = timezone.now() - timedelta(days=6)
    order = make_order(ann, purchased_at=bought, sms=True)
    make_claim(order, kind="major_defect", now=bought + timedelta(hours=1))

    assert "remedy due" in browse(sue).get(URL).content.decode()


def test_the_queue_costs_as_many_queries_for_one_claim_as_for_forty(ann, sue, browse):
    client = browse(sue)

    def cost():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(URL).status_code == 200
        return len(queries)

    make_claim(make_order(ann, sms=True), kind="invalid_number", proofs=("screenshot",))
    one = cost()
    for _ in range(39):
        make_claim(make_order(ann, sms=True), kind="invalid_number", proofs=("screenshot",))

    assert cost() == one
    assert one <= 12


@pytest.mark.parametrize(
    ("who", "links"), [("sue", True), ("max_", True), ("otto", True), ("rita", False)]
)
def test_who_may_not_see_evidence_sees_the_list_without_links(who, links, ann, browse, request):
    claim = make_claim(make_order(ann))

    page = browse(request.getfixturevalue(who)).get(URL).content.decode()

    assert claim.code in page
    assert (reverse("admin:claims_claim_review", args=[claim.pk]) in page) is links


def test_customers_and_staff_without_a_group_do_not_see_the_queue(ann, sue, browse):
    sue.groups.remove(Group.objects.get(name="Support"))

    assert browse(ann).get(URL).status_code == 302
    assert browse(sue).get(URL).status_code == 403


def test_the_stock_page_of_a_claim_is_its_review_page(ann, sue, browse):
    claim = make_claim(make_order(ann))

    response = browse(sue).get(reverse("admin:claims_claim_change", args=[claim.pk]))

    assert response.url == reverse("admin:claims_claim_review", args=[claim.pk])
    missing = reverse("admin:claims_claim_change", args=["nothing"])
    assert browse(sue).get(missing).status_code == 404
