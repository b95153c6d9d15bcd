"""The list of merges."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import CustomerMerge
from claims.actions.review.customer_merges import complete_merge
from tests.claims.admin.merges.pages import LIST, address, text
from tests.makers import make_merge, make_user


def lines(page, kind="live"):
    return [(each.merge.state, each.merged, each.survivor) for each in page.context[kind]]


def test_open_ones_come_first_with_people_mails_and_time(ann, bob, sue, browse):
    done = make_merge(make_user("cleo@example.com"), make_user("dora@example.com"))
    complete_merge(merge_id=done.pk, now=timezone.now())
    merge = make_merge(ann, bob, survivor_mailed_at=None)

    page = browse(sue).get(LIST)

    assert lines(page) == [("confirmed", "Ann (ann@example.com)", "Bob (bob@example.com)")]
    assert lines(page, "ended") == [("done", "cleo@example.com", "dora@example.com")]
    assert '<bdi>bob@example.com</bdi>: <span class="bad">not mailed yet' in text(page)
    assert "24 hours after the mails" in text(page)
    assert address(merge, "cancel") in text(page)


def test_who_may_confirm_is_led_to_the_preview_and_the_asker_is_not(ann, bob, sue, max_, browse):
    CustomerMerge.objects.create(
        merged=ann, survivor=bob, reason="One.", asked_by=max_, asked_at=timezone.now()
    )

    assert "Preview and confirm…" in text(browse(sue).get(LIST))
    asker = text(browse(max_).get(LIST))
    assert "Preview and confirm…" not in asker
    assert "Merge two customers…" in asker


def test_one_that_is_due_but_refused_is_marked(ann, bob, sue, browse):
    make_merge(ann, bob, mailed_ago=timedelta(hours=30))

    assert "due; the next run tries it" in text(browse(sue).get(LIST))


def test_an_auditor_looks_and_has_no_button(ann, bob, otto, browse):
    merge = make_merge(ann, bob)

    page = text(browse(otto).get(LIST))

    assert "Ann (ann@example.com)" in page
    assert address(merge, "cancel") not in page
    assert "Merge two customers…" not in page


def test_others_see_nothing(rita, ann, browse):
    assert browse(rita).get(LIST).status_code == 403
    assert browse(ann).get(LIST).status_code == 302


@pytest.mark.parametrize("many", [1, 6])
def test_it_needs_as_many_queries_for_many_merges(many, sue, browse, django_assert_num_queries):
    for n in range(many):
        make_merge(make_user(f"c{n}@example.com"), make_user(f"d{n}@example.com"))
    client = browse(sue)
    client.get(LIST)

    with django_assert_num_queries(6):
        client.get(LIST)
