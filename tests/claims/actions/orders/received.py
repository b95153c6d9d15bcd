"""Reports for the intake, and the orders and credit that result from them."""

from accounts.models import CreditAccount
from claims.actions.orders.intake import receive_orders
from claims.models import Order
from tests.claims.actions.orders.reports import NOW


def receive(*reports, now=NOW):
    return receive_orders(reports=reports, now=now)


def balance(email="ann@example.com", currency="EUR"):
    return CreditAccount.objects.get(owner__email=email, currency=currency).balance


def order(shop_id="N-1"):
    return Order.objects.select_related("number").get(shop_id=shop_id)


def reasons(answer):
    return [reason for _, reason in answer.refused]
