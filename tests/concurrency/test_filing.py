"""One customer, one order, many forms sent at the same moment."""

from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from claims.actions.core import locks
from claims.actions.customer import filing
from claims.models import Claim, Event, Order, Receipt
from tests.concurrency.racing import errors, race
from tests.makers import REASON, make_order

TOGETHER = 16


def sending(order, submission):
    def file():
        return filing.file_claim(
            order_id=order.pk,
            by=order.customer,
            kind="sms_not_received",
            reason=REASON,
            customer_two_factor=False,
            terms_accepted=True,
            uploads=[],
            submission=submission,
            now=timezone.now(),
        )

    return file


def test_one_form_sent_many_times_is_one_claim(ann):
    form = sending(make_order(ann), uuid4())

    outcomes = race(*[form] * TOGETHER)

    claim = Claim.objects.get()
    assert outcomes == [claim] * TOGETHER
    assert Event.objects.filter(kind=Event.Kind.FILED).count() == 1
    assert Receipt.objects.count() == 1


def test_of_many_forms_one_becomes_the_claim_and_the_others_are_told(ann):
    order = make_order(ann)

    outcomes = race(*(sending(order, uuid4()) for _ in range(TOGETHER)))

    refused = errors(outcomes)
    assert Claim.objects.count() == 1
    assert len(refused) == TOGETHER - 1
    codes = {error.code for refusal in refused for error in refusal.error_dict["__all__"]}
    assert codes == {"one-live-claim"}


@pytest.fixture
def without_lock(real_commits, monkeypatch):
    monkeypatch.setattr(
        locks,
        "lock_order",
        lambda order_id: Order.objects.select_related("customer", "policy_version").get(
            pk=order_id
        ),
    )


def test_the_database_alone_keeps_one_live_claim(without_lock, ann):
    order = make_order(ann)

    race(*(sending(order, uuid4()) for _ in range(TOGETHER)))

    assert Claim.objects.count() == 1


def test_without_lock_and_constraint_one_order_has_many_claims(without_lock, ann):
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX one_live_claim_per_order")
    order = make_order(ann)

    race(*(sending(order, uuid4()) for _ in range(TOGETHER)))

    assert Claim.objects.count() > 1
