"""A policy version that is changed while an order comes that uses it."""

import threading

from django.db import DatabaseError, connection, transaction

from claims.models import Order, PolicyVersion
from tests.concurrency.racing import race, someone_waits
from tests.makers import make_order
from tests.processes import PATIENCE, wait_until


def arriving(customer, inserted, changed):
    """Insert an order, and commit it only after somebody has tried to change its version."""

    def arrive():
        with transaction.atomic():
            make_order(customer)
            inserted.set()
            wait_until(lambda: changed.is_set() or someone_waits())

    return arrive


def changing(inserted, changed):
    def change():
        inserted.wait(timeout=PATIENCE)
        try:
            PolicyVersion.objects.update(claim_days=30)
        finally:
            changed.set()

    return change


def test_a_version_under_which_an_order_arrives_now_is_not_changed(ann):
    inserted, changed = threading.Event(), threading.Event()

    arrived, refusal = race(arriving(ann, inserted, changed), changing(inserted, changed))

    assert arrived is None
    assert isinstance(refusal, DatabaseError)
    assert PolicyVersion.objects.get().claim_days == 5
    assert Order.objects.count() == 1


def test_without_the_hold_the_version_changes_under_the_order(ann):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE claims_order DISABLE TRIGGER USER")
    inserted, changed = threading.Event(), threading.Event()

    race(arriving(ann, inserted, changed), changing(inserted, changed))

    assert PolicyVersion.objects.get().claim_days == 30
    assert Order.objects.count() == 1
