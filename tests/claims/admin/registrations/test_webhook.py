"""The webhooks that the shop didn't take, and the returns on which it disagrees."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from claims.models import Webhook
from tests.makers import make_acknowledgement, make_order, make_shop_event, make_webhook

LIST = reverse("admin:claims_webhook_changelist")
RETURNS = reverse("admin:claims_acknowledgement_changelist")


@pytest.fixture
def dead(ann) -> Webhook:
    return make_webhook(make_order(ann), "dead")


def choose(client, action, *webhooks):
    chosen = {"action": action, "_selected_action": [each.pk for each in webhooks]}
    return client.post(LIST, chosen, follow=True).content.decode()


def test_what_was_given_up_is_listed_with_why(dead, max_, browse):
    page = browse(max_).get(f"{LIST}?state__exact=dead").content.decode()

    assert dead.order.shop_id in page
    assert "The shop answered 503." in page


@pytest.mark.parametrize(
    ("action", "state", "said"),
    [
        ("send_again", "waiting", "1 event will be sent again."),
        ("leave_out", "left_out", "1 event was skipped."),
    ],
)
def test_a_supervisor_settles_what_was_given_up(dead, ann, max_, browse, action, state, said):
    waiting = make_webhook(make_order(ann))

    page = choose(browse(max_), action, dead, waiting)

    dead.refresh_from_db()
    assert (dead.state, dead.settled_by) == (state, max_)
    assert said in page
    assert "only what was given up is sent again or left out" in page


@pytest.mark.parametrize("action", ["send_again", "leave_out"])
def test_support_looks_and_settles_nothing(dead, sue, browse, action):
    client = browse(sue)
    assert "Send again" not in client.get(LIST).content.decode()

    choose(client, action, dead)

    dead.refresh_from_db()
    assert dead.state == "dead"


def test_the_page_of_returns_shows_what_isnt_agreed(ann, sue, browse):
    pending, other, agreed = (make_acknowledgement(make_order(ann)) for _ in range(3))
    answer = make_shop_event()
    for row, state, amount in ((other, "differs", "2.00"), (agreed, "acknowledged", "2.50")):
        row.state, row.answer, row.answered_at = state, answer, timezone.now()
        row.answered_amount, row.answered_currency = amount, "EUR"
        row.save()
    client = browse(sue)

    def listed(query=""):
        found = client.get(f"{RETURNS}{query}").context["cl"].result_list
        return [row.pk for row in found]

    assert listed() == [pending.pk, other.pk]
    assert listed("?agreed=differs") == [other.pk]
    assert listed("?agreed=pending") == [pending.pk]
    assert listed("?agreed=all") == [pending.pk, other.pk, agreed.pk]
    assert "2.00 EUR" in client.get(RETURNS).content.decode()
