"""Flags on the review page, and who reads of them."""

import pytest
from django.test import Client
from django.utils import timezone

from claims.actions.review import flags
from tests.makers import ANSWERS, make_claim, make_order, newest_event
from tests.reviewing import approve


@pytest.fixture
def refunded(ann, sue):
    now = timezone.now()
    claim = make_claim(make_order(ann))
    approve(claim_id=claim.pk, by=sue, seen=newest_event(claim), answers=ANSWERS, note="", now=now)
    claim.refresh_from_db()
    return claim


def flag(claim, by):
    reason = "Sold three numbers twice."
    return flags.flag_customer(
        claim_id=claim.pk, by=by, reason=reason, until=None, now=timezone.now()
    )


def test_the_page_shows_flags_and_a_supervisor_lifts_them(refunded, sue, max_, browse):
    made = flag(refunded, sue)
    address = f"/admin/claims/claim/{refunded.pk}/"

    of_sue = browse(sue).get(f"{address}review/").content.decode()
    of_max = browse(max_).get(f"{address}review/").content.decode()

    assert "Sold three numbers twice." in of_sue
    assert "Lift the flag" not in of_sue
    assert "Lift the flag" in of_max
    assert "Mark as wrongly paid" in of_max
    browse(max_).post(f"{address}lift-flag/", {"seen": newest_event(refunded), "flag": made.pk})
    made.refresh_from_db()
    assert made.lifted_by == max_


def test_the_customer_never_reads_of_it(refunded, ann, sue, max_):
    flag(refunded, sue)
    reason = "The proof was of another number."
    flags.mark_wrongly_paid(claim_id=refunded.pk, by=max_, reason=reason, now=timezone.now())
    client = Client()
    client.force_login(ann)

    page = client.get(refunded.get_absolute_url()).content.decode()

    assert "lagged" not in page
    assert "Sold three numbers twice" not in page
    assert reason not in page
