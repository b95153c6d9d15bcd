from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from claims.actions.orders import automatic_returns
from claims.portal.orders.order_stories import NextStep
from claims.templatetags.times import moment
from tests.makers import make_claim, make_order, make_top_up_order

URL = "/orders/"


def credit_line(order):
    """Return the page's line about a returned price: the amount, the time, and the link to the
    credit.
    """
    transfer = order.return_transfer
    address = f"/credit/?transfer={transfer.pk}#transfer-{transfer.pk}"
    return (
        f'<span class="amount">+2.50\N{NO-BREAK SPACE}EUR</span>, {moment(transfer.made_at)}'
        f' · <a href="{address}">My credit</a>'
    )


def only_story(client, **query):
    (story,) = client.get(URL, query).context["stories"]
    return story


def test_an_order_shows_its_number_service_flag_and_price(ann, ann_client):
    make_order(ann, service="whatsapp", phone="+4915112345678", country="DE", price="2.50")

    page = ann_client.get(URL).content.decode()

    assert "+49 1511 2345678" in page
    assert "WhatsApp" in page
    assert 'role="img" aria-label="Germany"' in page
    assert "2.50\N{NO-BREAK SPACE}EUR" in page


def test_a_waiting_order_says_until_when_it_waits_and_may_still_have_a_defect(ann, ann_client):
    order = make_order(ann, activation="waiting", purchased_at=timezone.now())

    story = only_story(ann_client)

    assert story.happening.text == "Waiting for an SMS until %(when)s."
    assert story.happening.when == order.allotted_until
    assert story.step == NextStep.FILE


def test_an_overdue_order_offers_to_cancel_and_return(ann, ann_client):
    order = make_order(ann, activation="waiting")

    page = ann_client.get(URL)

    assert page.context["stories"][0].step == NextStep.CANCEL
    assert reverse("portal:cancel_and_return", args=[order.shop_id]) in page.content.decode()


def test_an_order_with_an_sms_offers_a_claim_with_its_deadline(ann, ann_client):
    order = make_order(ann, sms=True)

    page = ann_client.get(URL)

    story = page.context["stories"][0]
    assert (story.step, story.deadline) == (NextStep.FILE, order.claims_close_at)
    assert reverse("portal:file_claim", args=[order.shop_id]) in page.content.decode()
    assert " left, until" in page.content.decode()


def test_an_order_with_an_open_claim_leads_to_it(ann, ann_client):
    claim = make_claim(make_order(ann, sms=True), kind="major_defect")

    page = ann_client.get(URL)

    assert page.context["stories"][0].step == NextStep.SEE
    assert page.context["stories"][0].happening.params == {"code": claim.code}
    assert f"Claim {claim.code} is open since <time" in page.content.decode()
    assert claim.get_absolute_url() in page.content.decode()
    assert not page.context["stories"][0].bars


def test_a_returned_order_says_when_and_links_to_the_credit_line(ann, ann_client):
    order = make_order(ann)
    automatic_returns.cancel_and_return(order_id=order.pk, by=ann, now=timezone.now())
    order.refresh_from_db()

    page = ann_client.get(URL)

    story = page.context["stories"][0]
    assert story.happening.text == "Credit returned on %(when)s."
    assert story.step == NextStep.NOTHING
    assert [bar.clause for bar in story.bars] == ["already-returned"]
    says = credit_line(order)
    assert says in page.content.decode()
    assert says in ann_client.get(f"/orders/{order.shop_id}/claim/").content.decode()


@pytest.mark.parametrize(
    ("fields", "clauses"),
    [
        ({"completed": True, "purchased_at": timedelta(days=9)}, ["claim-window"]),
        (
            {"service": "telegram", "two_factor": True, "channel": "api", "completed": True},
            ["telegram-2fa-api"],
        ),
        (
            {
                "service": "telegram", "two_factor": True, "channel": "api", "completed": True,
                "purchased_at": timedelta(days=9),
            },
            ["claim-window", "telegram-2fa-api"],
        ),
    ],
)  # fmt: skip
def test_an_order_that_cannot_be_claimed_names_every_clause(ann, ann_client, fields, clauses):
    if "purchased_at" in fields:
        fields = fields | {"purchased_at": timezone.now() - fields["purchased_at"]}
    make_order(ann, **fields)

    page = ann_client.get(URL)

    story = page.context["stories"][0]
    assert [bar.clause for bar in story.bars] == clauses
    assert story.step == NextStep.NOTHING
    for clause in clauses:
        assert f'href="/policy/#{clause}"' in page.content.decode()


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        ({"sms": True, "days": 9}, True),
        ({"completed": True, "days": 9}, True),
        ({"sms": True, "days": 1}, False),
        ({"days": 9}, False),  # No SMS came: the price is about to go back.
    ],
)
def test_an_order_counts_as_activated_from_its_deadline_on(ann, ann_client, fields, counts):
    bought = timezone.now() - timedelta(days=fields.pop("days"))
    order = make_order(ann, purchased_at=bought, **fields)

    page = ann_client.get(URL)

    since = page.context["stories"][0].activated_since
    assert since == (order.claims_close_at if counts else None)
    sentence = f"Counts as activated since {moment(order.claims_close_at)}."
    assert (sentence in page.content.decode()) is counts


def test_neither_a_returned_order_nor_one_with_an_open_claim_counts_as_activated(ann, ann_client):
    bought = timezone.now() - timedelta(days=9)
    returned = make_order(ann, purchased_at=bought)
    automatic_returns.cancel_and_return(order_id=returned.pk, by=ann, now=timezone.now())
    claimed = make_order(ann, purchased_at=bought, sms=True)
    make_claim(claimed, kind="major_defect", now=bought + timedelta(hours=1))

    assert "Counts as activated" not in ann_client.get(URL).content.decode()


def test_a_top_up_says_that_it_is_never_refunded(ann, ann_client):
    make_top_up_order(ann)

    story = only_story(ann_client)

    assert [bar.clause for bar in story.bars] == ["top-up"]
    assert (story.step, story.deadline) == (NextStep.NOTHING, None)


@pytest.mark.parametrize(
    "asked",
    ["+49 1511 2345678", "(0151) 123-45", "0049 1511 234", "5112345", "ord-find", "١٢٣٤٥٦٧٨"],
)
def test_a_search_finds_a_number_however_it_is_written_and_an_order_id(ann, ann_client, asked):
    make_order(ann, phone="+4915112345678", shop_id="ORD-FIND-ME", sms=True)
    make_order(ann, phone="+33698765432", shop_id="ORD-OTHER", sms=True)

    assert only_story(ann_client, q=asked).order.shop_id == "ORD-FIND-ME"


def test_a_search_by_order_id_does_not_look_into_numbers(ann, ann_client):
    make_order(ann, phone="+4915112345678", shop_id="ORD-99")

    assert ann_client.get(URL, {"q": "ORD-12"}).context["stories"] == []


@pytest.mark.parametrize("asked", ["\0", "9" * 65, "%", "_"])
def test_a_search_for_what_nobody_means_finds_nothing(ann, ann_client, asked):
    make_order(ann)

    page = ann_client.get(URL, {"q": asked})

    assert page.status_code == 200
    assert page.context["stories"] == []


def test_the_list_has_pages_of_twenty(ann, ann_client):
    for _ in range(21):
        make_order(ann)

    assert len(ann_client.get(URL).context["stories"]) == 20
    assert len(ann_client.get(URL, {"page": 2}).context["stories"]) == 1
    assert len(ann_client.get(URL, {"page": "none"}).context["stories"]) == 20


@pytest.mark.parametrize("count", [1, 20])
def test_the_list_asks_seven_queries_however_long_it_is(
    ann, ann_client, django_assert_num_queries, count
):
    for at in range(count):
        order = make_order(ann, sms=True)
        if at % 2:
            make_claim(order, kind="major_defect")

    # Session, person, count, orders, their newest claims, which of them are due,
    # unread notices.
    with django_assert_num_queries(7):
        ann_client.get(URL)


def test_nobody_sees_orders_of_others(bob, ann_client):
    make_order(bob)

    page = ann_client.get(URL)

    assert page.context["stories"] == []
    assert "No orders yet" in page.content.decode()


def test_times_are_in_the_persons_own_zone(ann, ann_client):
    ann.time_zone = "Asia/Tokyo"
    ann.save()
    order = make_order(ann, sms=True)

    page = ann_client.get(URL).content.decode()

    assert "09:00</span></time>" in page
    assert f'datetime="{order.claims_close_at.isoformat()}"' in page
