"""The list of the shop's events."""

from django.urls import reverse

from tests.makers import make_shop_event

LIST = reverse("admin:claims_shopevent_changelist")


def test_an_event_is_found_by_the_customers_id_in_full(sue, browse):
    make_shop_event("msg_1", customer_id="c-1")
    make_shop_event("msg_2", customer_id="c-12")

    found = browse(sue).get(f"{LIST}?q=c-1").context["cl"].result_list

    assert [event.event_id for event in found] == ["msg_1"]
