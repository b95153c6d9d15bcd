"""Notices to customers without an address: nobody is mailed, and that is no failure."""

from __future__ import annotations

import pgtrigger
import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from claims.actions.notices import delivery
from claims.models import Notice
from tests.makers import make_claim, make_order


@pytest.fixture
def notice(ann) -> Notice:
    """Return the notice that ann's claim has arrived."""
    return Notice.objects.get(event__claim=make_claim(make_order(ann)))


def send(notice) -> None:
    delivery.send_notice(event_id=notice.event_id, clock=timezone.now)
    notice.refresh_from_db()


def leave_without_address(ann) -> None:
    type(ann).objects.filter(pk=ann.pk).update(email="")


def test_a_customer_without_an_address_is_not_mailed_and_nothing_is_tried_again(
    notice, ann, server, run_jobs
):
    leave_without_address(ann)

    assert "claims.tell_customer" in run_jobs()

    notice.refresh_from_db()
    assert (notice.state, notice.attempts, notice.problem) == ("unmailed", 0, "")
    assert server.mails == []
    assert not ProcrastinateJob.objects.filter(status__in=["todo", "failed"]).exists()


def test_it_is_sent_once_there_is_an_address_and_somebody_asks_for_it(notice, ann, sue, server):
    leave_without_address(ann)
    send(notice)

    with pytest.raises(ValidationError, match="the customer has no address"):
        delivery.resend(notice_id=notice.pk, by=sue)
    type(ann).objects.filter(pk=ann.pk).update(email="new@example.com")
    send(notice)
    assert (notice.state, server.mails) == ("unmailed", [])
    delivery.resend(notice_id=notice.pk, by=sue)
    send(notice)

    assert (notice.state, notice.address) == ("sent", "new@example.com")
    assert len(server.mails) == 1


def test_the_database_lets_no_mail_that_was_sent_become_unmailed(notice, server):
    send(notice)

    with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
        Notice.objects.update(state="unmailed")


def test_without_its_trigger_a_mail_would_go_out_twice(notice, sue, server):
    send(notice)

    with pgtrigger.ignore("claims.Notice:goes_out_once"):
        Notice.objects.update(state="unmailed")
    delivery.resend(notice_id=notice.pk, by=sue)
    send(notice)

    assert len(server.mails) == 2
