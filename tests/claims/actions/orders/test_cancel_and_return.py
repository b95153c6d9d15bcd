from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.models import CreditAccount, CreditTransfer
from claims.actions.orders.automatic_returns import cancel_and_return, return_expired
from claims.models import Claim, Event
from tests.makers import make_claim, make_order, make_top_up_order


def balance(user):
    return CreditAccount.objects.get(owner=user).balance


def press(order, by, now=None):
    return cancel_and_return(order_id=order.pk, by=by, now=now or timezone.now())


def test_the_button_cancels_and_returns_the_price(ann):
    order = make_order(ann, activation="waiting", price="3.40")
    now = timezone.now()

    returned = press(order, ann, now)

    assert (returned.activation, returned.returned_at) == ("cancelled", now)
    assert returned.return_transfer.amount == Decimal("3.40")
    assert balance(ann) == Decimal("3.40")
    assert order.events.get().actor == ann


def test_a_second_press_changes_nothing(ann):
    order = make_order(ann)
    first = press(order, ann)

    second = press(order, ann)

    assert second.returned_at == first.returned_at
    assert Event.objects.count() == 1
    assert CreditTransfer.objects.filter(kind="return").count() == 1


def test_a_press_after_the_sweep_answers_with_what_the_sweep_did(ann):
    order = make_order(ann)
    swept_at = timezone.now()
    return_expired(now=swept_at)

    assert press(order, ann).returned_at == swept_at
    assert balance(ann) == order.price


def test_it_opens_at_the_end_of_the_allotted_time(ann):
    order = make_order(ann, activation="waiting")

    with pytest.raises(ValidationError, match="goes back by itself on") as refused:
        press(order, ann, order.allotted_until - timedelta(microseconds=1))
    assert refused.value.code == "allotted-time"
    assert balance(ann) == 0

    assert press(order, ann, order.allotted_until).returned_at == order.allotted_until


@pytest.mark.parametrize("state", [{"sms": True}, {"completed": True}])
def test_a_number_that_was_used_can_not_be_cancelled(ann, state):
    order = make_order(ann, **state)

    with pytest.raises(ValidationError, match="an SMS was received") as refused:
        press(order, ann)

    assert refused.value.code == "activation-complete"
    assert balance(ann) == 0


def test_a_top_up_can_not_be_cancelled(ann):
    order = make_top_up_order(ann, amount="20.00")

    with pytest.raises(ValidationError):
        press(order, ann)

    assert balance(ann) == 20


@pytest.mark.parametrize("who", ["bob", "sue", "max_"])
def test_nobody_else_presses_it(ann, who, request):
    order = make_order(ann)

    with pytest.raises(PermissionDenied):
        press(order, request.getfixturevalue(who))

    order.refresh_from_db()
    assert order.returned_at is None


def test_the_open_claim_is_closed_with_it(ann):
    order = make_order(ann)
    claim = make_claim(order)

    press(order, ann)

    claim.refresh_from_db()
    assert claim.status == Claim.Status.REFUNDED
    assert claim.events.last().kind == Event.Kind.RETURNED
