from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import CreditTransfer
from claims.actions.orders import automatic_returns
from claims.actions.review.customer_merges import complete_merge
from tests import reviewing
from tests.makers import (
    ANSWERS,
    make_acknowledgement,
    make_charge,
    make_claim,
    make_merge,
    make_order,
    make_shop_event,
    make_top_up_order,
    newest_event,
    top_up,
)


def test_every_transfer_has_its_sign_and_its_cause(ann, ann_client, sue):
    make_top_up_order(ann, amount="20.00")
    returned = make_order(ann)
    automatic_returns.cancel_and_return(order_id=returned.pk, by=ann, now=timezone.now())
    claim = make_claim(make_order(ann, sms=True), kind="major_defect")
    reviewing.approve(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), answers=ANSWERS, note="Yes.",
        now=timezone.now(),
    )  # fmt: skip

    page = ann_client.get("/credit/")

    lines = {line.transfer.key: line for line in page.context["lines"]}
    purchase = lines[f"charge:{returned.charge_id}:purchase"]
    back = lines[f"charge:{returned.charge_id}:return"]
    decided = lines[f"charge:{claim.order.charge_id}:return"]
    assert (purchase.amount, purchase.order) == (Decimal("-2.50"), returned)
    assert (back.amount, back.order, back.claim) == (Decimal("2.50"), returned, None)
    assert (decided.amount, decided.claim) == (Decimal("2.50"), claim)
    html = page.content.decode()
    assert "\N{MINUS SIGN}2.50\N{NO-BREAK SPACE}EUR" in html
    assert "+20.00\N{NO-BREAK SPACE}EUR" in html
    assert f"/orders/?q={returned.shop_id}" in html
    assert claim.get_absolute_url() in html


def test_each_currency_has_its_balance(ann, ann_client):
    top_up(ann, "5.00", currency="USD")
    top_up(ann, "1234.50", currency="EUR")

    html = ann_client.get("/credit/").content.decode()

    assert "1,234.50\N{NO-BREAK SPACE}EUR" in html
    assert "5.00\N{NO-BREAK SPACE}USD" in html


def test_nobody_sees_the_credit_of_others(bob, ann_client):
    make_order(bob)

    page = ann_client.get("/credit/")

    assert page.context["lines"] == []
    assert "No credit yet" in page.content.decode()


@pytest.mark.parametrize("count", [1, 20])
def test_the_page_asks_eight_queries_however_long_it_is(
    ann, ann_client, django_assert_num_queries, count
):
    for _ in range(count):
        make_order(ann)

    # Session, person, accounts twice (for the balances, to find their transfers), count,
    # transfers with their decisions, orders, unread notices.
    with django_assert_num_queries(8):
        ann_client.get("/credit/")


def test_the_list_has_pages(ann, ann_client):
    for _ in range(31):
        top_up(ann, "1.00")

    assert len(ann_client.get("/credit/").context["lines"]) == 30
    assert len(ann_client.get("/credit/", {"page": 2}).context["lines"]) == 1


def shown(client, **query):
    page = client.get("/credit/", query)
    return page.context["page"].number, [line.transfer.pk for line in page.context["lines"]]


def test_a_link_to_a_line_opens_the_page_that_holds_it(ann, ann_client):
    now = timezone.now()
    moved = [top_up(ann, "1.00", made_at=now).pk for _ in range(61)]

    for number, ids in ((1, moved[31:]), (2, moved[1:31]), (3, moved[:1])):
        for linked in (ids[0], ids[-1]):
            assert shown(ann_client, transfer=linked) == (number, ids[::-1])
    html = ann_client.get("/credit/", {"transfer": moved[0]}).content.decode()
    assert f'id="transfer-{moved[0]}"' in html


def test_from_the_page_of_a_linked_line_one_can_turn_to_others(ann, ann_client):
    moved = [top_up(ann, "1.00").pk for _ in range(31)]

    assert shown(ann_client, transfer=moved[0], page=1)[0] == 1


@pytest.mark.parametrize("linked", ["", "none", "-1", "0", "9" * 40, "٣", "\0"])
def test_a_link_to_no_line_opens_the_first_page(ann, ann_client, linked):
    for _ in range(31):
        top_up(ann, "1.00")

    assert shown(ann_client, transfer=linked)[0] == 1


def test_a_link_to_a_line_of_someone_else_opens_the_first_page(ann, bob, ann_client):
    others = top_up(bob, "1.00").pk
    for _ in range(31):
        top_up(ann, "1.00")

    number, ids = shown(ann_client, transfer=others)

    assert number == 1
    assert others not in ids


@pytest.mark.parametrize("count", [1, 40])
def test_a_link_to_a_line_costs_two_more_queries(ann, ann_client, django_assert_num_queries, count):
    linked = make_order(ann)
    for _ in range(count):
        make_order(ann)
    line = CreditTransfer.objects.get(key=f"charge:{linked.charge_id}:purchase")

    # Above: the eight of the list. Here: the transfer, and how many are newer.
    with django_assert_num_queries(10):
        ann_client.get("/credit/", {"transfer": line.pk})


def test_a_return_that_the_shop_hasnt_acknowledged_is_on_its_way(ann, ann_client):
    row = make_acknowledgement(make_order(ann))
    told = "On its way to your balance in the shop"
    assert told in ann_client.get("/credit/").content.decode()
    assert "It is on its way to your balance" in ann_client.get("/orders/").content.decode()

    row.state, row.answer, row.answered_at = "acknowledged", make_shop_event(), timezone.now()
    row.answered_amount, row.answered_currency = row.amount, row.currency
    row.save()

    assert told not in ann_client.get("/credit/").content.decode()
    assert "It is on its way to your balance" not in ann_client.get("/orders/").content.decode()


def test_what_no_credit_covers_is_told_and_no_line_of_its_own(ann, ann_client):
    make_charge(ann, "2.50")

    page = ann_client.get("/credit/")

    assert [line.transfer.kind for line in page.context["lines"]] == ["purchase"]
    assert "come to 2.50\N{NO-BREAK SPACE}EUR more than the top-ups" in page.content.decode()


def test_after_a_merge_one_balance_is_shown_and_every_transfer(ann, bob, ann_client):
    top_up(ann, "5.00")
    top_up(bob, "3.00")
    complete_merge(merge_id=make_merge(bob, ann).pk, now=timezone.now())

    page = ann_client.get("/credit/")

    assert [(each.currency, each.balance) for each in page.context["balances"]] == [
        ("EUR", Decimal("8.00"))
    ]
    assert "8.00\N{NO-BREAK SPACE}EUR" in page.content.decode()
    assert sorted(line.amount for line in page.context["lines"]) == [Decimal(3), Decimal(5)]
