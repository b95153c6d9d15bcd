from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import CreditTransfer
from claims.actions.orders.automatic_returns import cancel_and_return, return_expired
from claims.actions.orders.late_sms import report_sms
from claims.models import Event
from tests.makers import make_order, make_top_up_order


@pytest.fixture
def now():
    return timezone.now()


@pytest.mark.parametrize("activation", ["waiting", "timed_out"])
def test_an_sms_in_time_is_noted_and_the_price_stays(ann, now, activation):
    order = make_order(ann, activation=activation)
    received = order.purchased_at + timedelta(minutes=5)

    noted = report_sms(order_id=order.pk, received_at=received, now=now)

    assert (noted.activation, noted.sms_received_at) == ("sms_received", received)
    assert (noted.late_sms_at, noted.reported_at) == (None, received)
    assert return_expired(now=now) == 0
    assert not Event.objects.exists()


def test_the_earlier_of_two_sms_is_kept(ann, now):
    order = make_order(ann, activation="waiting")
    early, late = (order.purchased_at + timedelta(minutes=m) for m in (3, 9))
    report_sms(order_id=order.pk, received_at=late, now=now)

    noted = report_sms(order_id=order.pk, received_at=early, now=now)

    assert (noted.sms_received_at, noted.reported_at) == (early, late)


@pytest.mark.parametrize("activation", ["completed", "banned"])
def test_an_activation_that_has_ended_stays_ended(ann, now, activation):
    order = make_order(ann, activation=activation, completed=activation == "completed")

    noted = report_sms(order_id=order.pk, received_at=order.purchased_at, now=now)

    assert noted.activation == activation


@pytest.mark.parametrize("way", ["sweep", "button"])
def test_an_sms_after_the_return_is_flagged_once_and_nothing_is_debited(ann, now, way):
    order = make_order(ann, activation="waiting")
    if way == "sweep":
        return_expired(now=now)
    else:
        cancel_and_return(order_id=order.pk, by=ann, now=now)
    received = now + timedelta(seconds=1)

    for _ in range(2):
        noted = report_sms(order_id=order.pk, received_at=received, now=received)

    assert (noted.late_sms_at, noted.activation) == (received, "cancelled")
    assert noted.returned_at == now
    assert [event.kind for event in noted.events.all()] == ["returned", "late_sms"]
    assert CreditTransfer.objects.filter(kind="purchase").count() == 1


def test_an_sms_from_before_the_purchase_is_refused(ann, now):
    order = make_order(ann)

    with pytest.raises(ValidationError) as refused:
        report_sms(
            order_id=order.pk, received_at=order.purchased_at - timedelta(seconds=1), now=now
        )

    assert refused.value.code == "sms"
    order.refresh_from_db()
    assert order.sms_received_at is None


def test_a_top_up_receives_no_sms(ann, now):
    order = make_top_up_order(ann)

    with pytest.raises(ValidationError) as refused:
        report_sms(order_id=order.pk, received_at=now, now=now)

    assert refused.value.code == "sms"
