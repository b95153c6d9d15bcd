"""The page of one merge: the second person confirms or cancels, and later it shows what moved."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.models import CustomerMerge
from claims.actions.review.customer_merges import complete_merge, object_to_merge
from tests.claims.admin.merges.pages import address, text
from tests.makers import make_charge, make_claim, make_customer_id, make_merge, make_order, top_up


@pytest.fixture
def asked(ann, bob, max_) -> CustomerMerge:
    make_claim(make_order(ann))
    return CustomerMerge.objects.create(
        merged=ann, survivor=bob, reason="One person.", asked_by=max_, asked_at=timezone.now()
    )


def test_the_second_person_sees_the_preview_and_confirms(asked, sue, browse):
    client = browse(sue)
    page = text(client.get(address(asked)))
    assert "One person." in page
    assert "Both, side by side" in page
    assert "What will happen" in page

    done = client.post(address(asked, "confirm"), follow=True)

    asked.refresh_from_db()
    assert (asked.state, asked.confirmed_by) == ("confirmed", sue)
    assert "You have confirmed it." in text(done)
    assert "24 hours after the mails" in text(done)
    assert "Both, side by side" in text(done)


def test_the_asker_has_no_button_and_a_post_is_refused(asked, max_, browse):
    client = browse(max_)
    page = text(client.get(address(asked)))
    assert "Confirm it, and mail both" not in page
    assert "so somebody else has to confirm it" in page

    refused = client.post(address(asked, "confirm"), follow=True)

    asked.refresh_from_db()
    assert asked.state == "asked"
    assert "You asked for this, so somebody else has to confirm it." in text(refused)


def test_it_is_cancelled_once(asked, sue, browse):
    client = browse(sue)

    client.post(address(asked, "cancel"))
    again = client.post(address(asked, "cancel"), follow=True)

    asked.refresh_from_db()
    assert (asked.state, asked.ended_by) == ("cancelled", sue)
    assert "Nothing has changed: this merge is cancelled." in text(again)
    assert "Both, side by side" not in text(again)


def test_an_auditor_neither_confirms_nor_cancels(asked, otto, browse):
    client = browse(otto)

    assert client.get(address(asked)).status_code == 200
    for view in ("confirm", "cancel"):
        assert client.post(address(asked, view)).status_code == 403
    asked.refresh_from_db()
    assert asked.state == "asked"


def test_a_fetch_changes_nothing(asked, sue, browse):
    for view in ("confirm", "cancel"):
        assert browse(sue).get(address(asked, view)).status_code == 405
    asked.refresh_from_db()
    assert asked.state == "asked"


def test_a_merge_that_is_not_there_is_not_found(asked, sue, browse):
    asked.pk = 999_999

    assert browse(sue).get(address(asked)).status_code == 404
    assert browse(sue).post(address(asked, "confirm")).status_code == 404


def test_an_objection_is_shown_with_its_customer(ann, bob, sue, browse):
    merge = make_merge(ann, bob)
    object_to_merge(merge_id=merge.pk, user_id=bob.pk, now=timezone.now())

    page = text(browse(sue).get(address(merge)))

    assert "a customer objected" in page
    assert "<dt>Objection by</dt><dd><bdi>Bob</bdi>" in page
    assert "<dt>Takes effect</dt><dd>never" in page


def test_after_the_day_it_shows_what_moved(ann, bob, sue, browse):
    make_customer_id(ann, "c-1")
    make_charge(ann, "3.00", currency="USD")
    top_up(ann, "10.00")
    claim = make_claim(make_order(ann, price="1.00"))
    merge = make_merge(ann, bob)
    complete_merge(merge_id=merge.pk, now=timezone.now())

    page = text(browse(sue).get(address(merge)))

    assert "What Bob (bob@example.com) got" in page
    assert "Ann (ann@example.com)" in page
    for words in ("c-1", claim.code, claim.order.shop_id, "not covered"):
        assert words in page
    assert "Confirm it" not in page
    assert "Cancel it" not in page


def test_it_needs_as_many_queries_whoever_looks(asked, sue, browse, django_assert_num_queries):
    client = browse(sue)
    client.get(address(asked))

    with django_assert_num_queries(14):
        client.get(address(asked))
