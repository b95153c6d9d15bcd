from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from accounts.models import CreditAccount
from claims.models import Order
from tests.makers import make_order


def url(order: Order) -> str:
    return f"/orders/{order.shop_id}/return/"


def test_the_button_cancels_the_order_and_returns_its_price_once(ann, ann_client):
    order = make_order(ann, activation="waiting")

    for _ in range(2):
        answer = ann_client.post(url(order), follow=True)

    order.refresh_from_db()
    assert order.activation == Order.Activation.CANCELLED
    assert order.returned_at is not None
    assert CreditAccount.objects.get(owner=ann).balance == Decimal("2.50")
    assert "2.50 EUR are back in your credit." in answer.content.decode()


def test_too_early_it_says_when_the_price_returns(ann, ann_client):
    order = make_order(ann, activation="waiting", allotted=timedelta(hours=2))

    answer = ann_client.post(url(order), follow=True)

    order.refresh_from_db()
    assert order.returned_at is None
    assert "the price goes back by itself on" in answer.content.decode().replace("&#x27;", "'")


def test_looking_at_the_address_changes_nothing(ann, ann_client):
    order = make_order(ann, activation="waiting", purchased_at=timezone.now() - timedelta(hours=1))

    assert ann_client.get(url(order)).status_code == 405
    order.refresh_from_db()
    assert order.returned_at is None
