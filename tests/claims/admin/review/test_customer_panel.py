"""The facts about the customer on the review page, never a score."""

from datetime import timedelta
from decimal import Decimal

from django.urls import reverse
from django.utils import timezone

from claims.actions.customer.withdrawal import withdraw_claim
from claims.actions.orders.automatic_returns import cancel_orders
from claims.models import Claim, Dispute
from claims.queries import Returned, record_of
from tests.makers import (
    make_charge,
    make_claim,
    make_order,
    make_shop_event,
    make_top_up_order,
    newest_event,
)
from tests.reviewing import reject


def test_a_record_counts_orders_claims_returns_and_repeats(ann, bob, sue):
    now = timezone.now()
    claim = make_claim(make_order(ann))
    for order in (make_order(ann), make_order(ann, currency="USD", price="4.00"), make_order(bob)):
        cancel_orders([order], now=now, by=None)
    cancel_orders([make_order(ann)], now=now - timedelta(days=91), by=None)
    withdrawn, other = make_claim(make_order(ann)), make_claim(make_order(ann))
    withdraw_claim(claim_id=withdrawn.pk, by=ann, now=now)
    reject(
        claim_id=other.pk, by=sue, seen=newest_event(other), answers={}, clause="server-side",
        note="No.", now=now,
    )  # fmt: skip
    Claim.objects.filter(pk__in=[claim.pk, other.pk]).update(is_repeated=True)
    make_top_up_order(ann)
    make_claim(make_order(bob))

    record = record_of(claim, now=now)

    assert (record.orders, record.claimed, record.share) == (6, 3, 50)
    assert record.claims == {"withdrawn": 1, "rejected": 1}
    assert record.repeated == 2
    assert record.returned == [
        Returned(currency="EUR", amount=Decimal("2.50"), times=1),
        Returned(currency="USD", amount=Decimal("4.00"), times=1),
    ]


def test_a_newcomer_has_one_order_and_nothing_else(ann):
    record = record_of(make_claim(make_order(ann)), now=timezone.now())

    assert (record.orders, record.claimed, record.claims, record.returned) == (1, 1, {}, [])


def test_it_takes_five_queries(ann, django_assert_num_queries):
    claim = make_claim(make_order(ann))
    for _ in range(5):
        make_claim(make_order(ann))
    claim = Claim.objects.select_related("order").get(pk=claim.pk)

    with django_assert_num_queries(5):
        record_of(claim, now=timezone.now())


def test_the_page_tells_the_facts(ann, sue, browse):
    claim, other = make_claim(make_order(ann)), make_claim(make_order(ann))
    withdraw_claim(claim_id=other.pk, by=ann, now=timezone.now())
    cancel_orders([make_order(ann)], now=timezone.now(), by=None)

    page = browse(sue).get(reverse("admin:claims_claim_review", args=[claim.pk])).content.decode()

    assert "2 of 3 (67 %)" in page
    assert "2.50 EUR</span> in 1 return" in page
    assert "in no claim" in page
    assert "1 withdrawn" in page
    assert "score" not in page.lower()


def test_disputed_payments_and_what_is_not_covered_are_told(ann, sue, browse):
    claim = make_claim(make_order(ann))
    top_up = make_top_up_order(ann, amount="20.00")
    event = make_shop_event()
    Dispute.objects.create(order=top_up, event=event, opened_at=timezone.now(), reason="Not mine.")
    make_charge(ann, "30.00")

    address = reverse("admin:claims_claim_review", args=[claim.pk])
    page = " ".join(browse(sue).get(address).content.decode().split())

    assert f"20.00 EUR, top-up {top_up.shop_id}" in page
    assert "Not mine." in page
    assert "Not covered" in page
    assert "10.00 EUR" in page
