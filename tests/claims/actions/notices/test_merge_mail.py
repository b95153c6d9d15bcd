"""The mails to two customers who are to become one."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import CustomerMerge
from claims.actions.notices.merge_links import MergeLink, read_link
from claims.actions.notices.merge_mail import mail_about_merge
from claims.actions.review.customer_merges import cancel_merge, due_merges
from tests.makers import make_merge

NOW = timezone.now()


@pytest.fixture
def merge(ann, bob) -> CustomerMerge:
    return make_merge(ann, bob, merged_mailed_at=None, survivor_mailed_at=None)


def mail(merge, person):
    mail_about_merge(merge_id=merge.pk, user_id=person.pk, now=timezone.now())
    merge.refresh_from_db()


def link_in(text):
    [found] = re.findall("http://localhost:8000/merges/([^/]+)/", text)
    return read_link(found)


def test_the_merged_customer_learns_what_ends_and_how_to_object(merge, ann, mailoutbox):
    mail(merge, ann)

    [sent] = mailoutbox
    assert (sent.to, sent.subject) == ([ann.email], "Two accounts of yours are to become one")
    assert "two email addresses: ann@example.com and b…@example.com." in sent.body
    assert "your sign-in with ann@example.com ends" in sent.body
    assert "can't be undone" in sent.body
    assert link_in(sent.body) == MergeLink(merge.pk, ann.pk)
    assert (merge.merged_mailed_at is not None, merge.survivor_mailed_at) == (True, None)


def test_the_survivor_learns_what_remains(merge, bob, mailoutbox):
    mail(merge, bob)

    assert "You keep your sign-in with bob@example.com" in mailoutbox[0].body
    assert link_in(mailoutbox[0].body) == MergeLink(merge.pk, bob.pk)
    assert (merge.merged_mailed_at, merge.survivor_mailed_at is not None) == (None, True)


def test_neither_learns_the_others_address_or_name(merge, ann, bob, mailoutbox):
    mail(merge, ann)
    mail(merge, bob)

    to_ann, to_bob = (sent.body for sent in mailoutbox)
    assert not re.search("bob", to_ann, re.IGNORECASE)
    assert not re.search("ann@|Ann", to_bob)


def test_each_is_mailed_once(merge, ann, mailoutbox):
    mail(merge, ann)
    first = merge.merged_mailed_at
    mail(merge, ann)

    assert (len(mailoutbox), merge.merged_mailed_at) == (1, first)


def test_a_merge_that_was_cancelled_meanwhile_is_not_mailed(merge, ann, mailoutbox):
    cancel_merge(merge_id=merge.pk, by=merge.asked_by, now=NOW)

    mail(merge, ann)

    assert (mailoutbox, merge.merged_mailed_at) == ([], None)


def test_a_mail_that_fails_is_not_noted_so_that_it_is_tried_again(merge, ann, server):
    server.mood, server.code = "data", 451

    with pytest.raises(Exception, match="451"):
        mail(merge, ann)

    merge.refresh_from_db()
    assert merge.merged_mailed_at is None
    server.mood = ""
    mail(merge, ann)
    assert merge.merged_mailed_at is not None


def test_it_goes_to_the_address_of_the_time_of_the_confirmation(merge, ann, mailoutbox):
    type(ann).objects.filter(pk=ann.pk).update(email="new@example.com")

    mail(merge, ann)

    assert mailoutbox[0].to == ["ann@example.com"]


def test_it_is_written_in_the_customers_language_and_time_zone(merge, ann, mailoutbox):
    type(ann).objects.filter(pk=ann.pk).update(language="de", time_zone="Europe/Berlin")

    mail(merge, ann)

    assert mailoutbox[0].subject == "Zwei Konten von Ihnen sollen eins werden"
    assert "Einspruch" in mailoutbox[0].body
    assert re.search(r"CES?T", mailoutbox[0].body)


def test_someone_without_an_address_is_told_so_to_the_other(ann, bob, mailoutbox):
    type(ann).objects.filter(pk=ann.pk).update(email="")
    ann.refresh_from_db()
    merge = make_merge(ann, bob, merged_mailed_at=None, survivor_mailed_at=None)

    mail(merge, ann)
    assert mailoutbox == []
    mail(merge, bob)

    assert "as bob@example.com, and without an email address" in mailoutbox[0].body
    assert due_merges(now=timezone.now() + timedelta(hours=25)) == [merge.pk]


def test_a_link_that_somebody_changed_is_none_of_ours():
    assert read_link("WzEsMl0:1abcde:nonsense") is None
    assert read_link("") is None
