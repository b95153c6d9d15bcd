from datetime import timedelta
from decimal import Decimal

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from claims.actions.orders.automatic_returns import cancel_orders
from claims.models import Number, Order
from tests.makers import make_claim, make_order, make_top_up_order

URL = reverse("admin:claims_order_changelist")


def read(client, order):
    response = client.get(reverse("admin:claims_order_change", args=[order.pk]))
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_tells_the_story_the_credit_and_the_claims(ann, sue, browse):
    order = make_order(ann, price="6.10")
    claim = make_claim(order)
    cancel_orders([order], now=timezone.now(), by=None)

    page = read(browse(sue), order)

    for words in (
        "Bought",
        "Allotted time over",
        "Price returned",
        "Claims close",
        claim.code,
        "Claim filed",
        "Price returned automatically",
        f"charge:{order.charge_id}:purchase",
        f"charge:{order.charge_id}:return",
        "6.10 EUR",
    ):
        assert words in page


def test_credit_of_other_orders_is_not_mixed_in(ann, sue, browse):
    order, other = make_order(ann), make_order(ann)

    assert f"charge:{other.charge_id}:" not in read(browse(sue), order)


def test_a_late_sms_is_flagged_and_filtered(ann, sue, browse):
    late, other = make_order(ann), make_order(ann)
    Order.objects.filter(pk=late.pk).update(late_sms_at=timezone.now() + timedelta(minutes=1))
    client = browse(sue)

    def shown(**query):
        return [order.pk for order in client.get(URL, query).context["cl"].result_list]

    assert "late SMS" in read(client, late)
    assert "badge--warn" not in read(client, other)
    assert shown(late_sms="yes") == [late.pk]
    assert shown(late_sms="no") == [other.pk]


def test_orders_are_found_by_phone_email_and_id(ann, bob, sue, browse):
    make_order(ann)
    wanted = make_order(bob, phone="+4915123456789", shop_id="Shop-9")
    client = browse(sue)

    for text in ("+49 1512 3456789", "bob@", "shop-9"):
        found = client.get(URL, {"q": text}).context["cl"].result_list
        assert [order.pk for order in found] == [wanted.pk]


def test_a_top_up_has_a_page_too(ann, sue, browse):
    order = make_top_up_order(ann, amount="20.00")

    assert "20.00 EUR" in read(browse(sue), order)


def test_the_list_costs_as_many_queries_for_thirty_orders_as_for_one(ann, sue, browse):
    client = browse(sue)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            client.get(URL)
        return len(queries)

    make_order(ann)
    one = cost()
    for _ in range(29):
        make_order(ann)

    assert cost() == one


def test_the_suppliers_order_and_price_are_shown_to_staff(ann, sue, browse):
    order = make_order(ann)
    assert 'id="supplier"' not in read(browse(sue), order)
    Number.objects.filter(pk=order.number_id).update(
        supplier_order_id="S-991", supplier_cost=Decimal("0.31")
    )

    page = read(browse(sue), order)

    assert "S-991" in page
    assert "0.31\N{NO-BREAK SPACE}EUR" in page


def test_the_customer_sees_neither(ann, browse):
    order = make_order(ann, sms=True)
    claim = make_claim(order, kind="major_defect")
    Number.objects.filter(pk=order.number_id).update(
        supplier_order_id="S-991", supplier_cost=Decimal("0.31")
    )
    client = browse(ann)

    for address in ("/orders/", "/claims/", claim.get_absolute_url(), "/credit/", "/notices/"):
        page = client.get(address).content.decode()
        assert "S-991" not in page
        assert "0.31" not in page
