"""A POST, which the claim's page or its button sends, marks the notices about a claim as read."""

import re

import pytest
from django.utils import timezone

from claims.models import Claim, Notice
from claims.templatetags.notices import unread_notices
from tests.makers import make_claim, make_order, newest_event
from tests.reviewing import ask_for_evidence


def ask(claim: Claim, by) -> None:
    ask_for_evidence(
        claim_id=claim.pk, by=by, seen=newest_event(claim), note="Which app?", now=timezone.now()
    )


@pytest.fixture
def claim(ann, sue) -> Claim:
    """Return a claim whose customer was asked for something."""
    made = make_claim(make_order(ann))
    ask(made, sue)
    return made


def read(client, claim: Claim, **fields):
    return client.post(f"{claim.get_absolute_url()}read/", fields)


def test_the_button_of_the_page_marks_what_it_shows(claim, ann, ann_client):
    page = ann_client.get(claim.get_absolute_url()).content.decode()
    (newest,) = re.findall(r'name="newest" value="(\d+)"', page)
    assert "Mark as read</button>" in page

    response = read(ann_client, claim, newest=newest)

    assert response.url == claim.get_absolute_url()
    assert unread_notices(ann) == ""
    assert "Mark as read" not in ann_client.get(claim.get_absolute_url()).content.decode()


def test_what_came_since_the_page_was_made_stays_unread(claim, ann, sue, ann_client):
    newest = Notice.objects.latest("pk").pk
    ask(claim, sue)

    read(ann_client, claim, newest=newest)

    assert list(Notice.objects.filter(read_at=None)) == [Notice.objects.latest("pk")]


def test_notices_about_other_claims_stay_unread(claim, ann, ann_client):
    other = make_claim(make_order(ann))
    Notice.objects.filter(event__claim=other).update(read_at=None)

    read(ann_client, claim, newest=Notice.objects.latest("pk").pk)

    assert [notice.event.claim for notice in Notice.objects.filter(read_at=None)] == [other]


@pytest.mark.parametrize("newest", ["", "x", "-1", "1" * 30, "\x00"])
def test_nonsense_marks_nothing(newest, claim, ann, ann_client):
    assert read(ann_client, claim, newest=newest).status_code == 302
    assert unread_notices(ann) == "1"
