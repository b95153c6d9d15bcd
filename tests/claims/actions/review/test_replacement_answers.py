"""The shop's answers to a request for a replacement, and the end without an answer."""

from __future__ import annotations

import itertools
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from claims.actions.orders import automatic_returns
from claims.actions.review import replacements
from claims.formats.shop_messages import ShopMessage
from claims.models import Order, ShopEvent
from claims.queries.orders.due_returns import CANCELLATION_RESTS
from tests.claims.actions.review.replacement_requests import (
    LATER,
    NOW,
    balance,
    given,
    make_defect,
    provided,
    refused,
    request,
    tell,
    the_end,
)

MICROSECOND = timedelta(microseconds=1)


def test_if_the_shop_has_none_the_price_goes_back(asked, defect, ann, sue, mailoutbox, run_jobs):
    [answer] = tell(refused(asked))

    assert answer.state == "applied"
    assert the_end(defect) == "refunded"
    assert (defect.decision.outcome, defect.decision.by) == ("refund", sue)
    assert balance(ann) == Decimal("3.00")
    asked.refresh_from_db()
    assert (asked.state, asked.reason) == ("refused", "Sold out.")
    run_jobs()
    assert "the shop has no number in the place of yours" in mailoutbox[-1].body


@pytest.mark.parametrize(("beyond", "lapsed"), [(-1, False), (0, True), (1, True)])
def test_if_the_shop_says_nothing_in_time_the_price_goes_back(beyond, lapsed, asked, defect, ann):
    now = LATER + beyond * MICROSECOND

    assert replacements.let_request_lapse(claim_id=defect.pk, now=now) is lapsed
    assert not replacements.let_request_lapse(claim_id=defect.pk, now=now - MICROSECOND)

    assert the_end(defect) == ("refunded" if lapsed else "offered")
    assert balance(ann) == (Decimal("3.00") if lapsed else 0)


def test_what_the_shop_answers_after_that_is_too_late(asked, defect, ann):
    replacements.let_request_lapse(claim_id=defect.pk, now=LATER)

    for message in (provided(asked), refused(asked)):
        [answer] = tell(message)
        assert answer.state == "refused"
        assert answer.problem.startswith("too late: ")

    assert the_end(defect) == "refunded"
    assert Order.objects.count() == 1
    assert balance(ann) == Decimal("3.00")


def test_told_again_with_other_ids_it_changes_nothing(asked, defect, ann):
    for event_id in ("one", "two", "two"):
        [answer] = tell(provided(asked, event_id=event_id))
        assert answer.state == "applied"

    assert the_end(defect) == "replaced"
    assert Order.objects.count() == 2


def test_refused_again_it_changes_nothing(asked, defect, ann):
    for event_id in ("one", "two"):
        [answer] = tell(refused(asked, event_id=event_id))
        assert answer.state == "applied"

    assert balance(ann) == Decimal("3.00")


@pytest.mark.parametrize("together", [False, True])
def test_only_the_first_answer_counts(asked, defect, ann, together):
    answers = [
        provided(asked, event_id="1"),
        refused(asked, event_id="2"),
        provided(asked, event_id="3", order_id="R-0"),
    ]
    told = tell(*answers) if together else [tell(each)[0] for each in answers]

    assert [each.state for each in told] == ["applied", "refused", "refused"]
    assert the_end(defect) == "replaced"
    assert balance(ann) == 0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"service": "telegram"}, "same service and country"),
        ({"country": "FR"}, "same service and country"),
        ({"list_price": "2.99"}, "at least 3.00 EUR"),
        ({"currency": "USD"}, "at least 3.00 EUR"),
        ({"request_id": "rpl_" + "0" * 32}, "none of ours"),
        ({"request_id": "x"}, "request_id is missing, or is not like"),
        ({"phone": ""}, "phone is missing"),
        ({"service": "whatsapp-new"}, "same service and country"),
        ({"country": "XX"}, "same service and country"),
        ({"order_id": ""}, "order_id is missing"),
        ({"list_price": ""}, "list_price is missing"),
        ({"allotted_until": NOW.isoformat()}, "must be after the event's timestamp"),
        ({"allotted_until": ""}, "allotted_until is missing"),
        ({"two_factor": "perhaps"}, "two_factor"),
    ],
)
def test_what_is_of_no_equal_value_is_refused_and_can_be_put_right(asked, defect, changes, reason):
    [answer] = tell(provided(asked, **changes))

    assert answer.state == "refused"
    assert reason in answer.problem
    assert the_end(defect) == "offered"
    assert tell(provided(asked, event_id="right"))[0].state == "applied"


def test_an_order_id_that_is_taken_is_refused(asked, defect):
    [answer] = tell(provided(asked, order_id=defect.order.shop_id))

    assert (answer.state, answer.problem) == ("refused", "there is an order of this id already")
    assert the_end(defect) == "offered"


def test_what_happens_to_the_new_number_may_be_told_before_it(asked, defect):
    """The same events in any order have the same result."""
    sms = ShopMessage(
        "sms", "sms.received", NOW + timedelta(minutes=2), {"order_id": f"R-{asked.pk}"}
    )
    done = ShopMessage(
        "done", "activation.completed", NOW + timedelta(minutes=3), {"order_id": f"R-{asked.pk}"}
    )
    later = NOW + timedelta(minutes=5)

    for message in (done, sms, provided(asked), sms):
        tell(message, now=later)

    order = given(asked)
    assert (order.activation, order.sms_received_at) == ("completed", sms.at)
    assert set(ShopEvent.objects.values_list("state", flat=True)) == {"applied"}


def test_in_any_order_and_in_any_batches_it_comes_to_the_same(ann, sue):
    ends = set()
    for number, turn in enumerate(itertools.permutations(range(3))):
        defect = make_defect(ann)
        asked = request(defect, sue)
        events = [
            provided(asked, event_id=f"{number}-provided"),
            ShopMessage(
                f"{number}-sms", "sms.received", NOW + timedelta(minutes=2),
                {"order_id": f"R-{asked.pk}"},
            ),
            ShopMessage(
                f"{number}-cancelled", "activation.cancelled", NOW + timedelta(minutes=1),
                {"order_id": f"R-{asked.pk}"},
            ),
        ]  # fmt: skip
        later = NOW + timedelta(minutes=5)
        if number % 2:
            tell(*(events[each] for each in turn), now=later)
        else:
            for each in turn:
                tell(events[each], now=later)
        automatic_returns.return_expired(now=later + CANCELLATION_RESTS)
        order = given(asked)
        # A cancellation before the SMS returns the money.
        ends.add((the_end(defect), order.activation, bool(order.returned_at)))

    assert ends == {("replaced", "sms_received", True)}


def test_the_sweep_finds_what_the_shop_left(asked, defect, ann, monkeypatch):
    from claims.jobs import review  # noqa: PLC0415 - patched here alone

    monkeypatch.setattr(review, "database_now", lambda: LATER)

    review.keep_time(0)

    assert the_end(defect) == "refunded"
    assert timezone.now() < LATER


def test_an_update_of_the_replacement_changes_its_state_and_not_what_it_cost(asked, ann):
    tell(provided(asked))
    update = {
        "order_id": f"R-{asked.pk}",
        "customer_email": ann.email,
        "product": "number",
        "service": "whatsapp",
        "country": "DE",
        "phone": "+4915199999999",
        "supplier": "south",
        "channel": "api",
        "price": "3.20",
        "currency": "EUR",
        "purchased_at": (NOW - timedelta(seconds=5)).isoformat(),
        "allotted_until": (NOW + timedelta(minutes=40)).isoformat(),
        "activation": "waiting",
    }

    [answer] = tell(ShopMessage("update", "order.updated", NOW + timedelta(minutes=1), update))

    order = given(asked)
    assert (answer.state, answer.problem) == ("applied", "")
    assert (order.number.supplier, order.price) == ("south", 0)
    assert order.allotted_until == NOW + timedelta(minutes=40)
    assert order.charge == asked.claim.order.charge
