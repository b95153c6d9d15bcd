"""The page of a customer's notices, and the count of unread ones."""

import pytest
from django.utils import timezone

from claims.models import Claim, Notice
from claims.templatetags.notices import unread_notices
from tests.makers import make_claim, make_order, newest_event
from tests.reviewing import ask_for_evidence

URL = "/notices/"


@pytest.fixture
def claim(ann, sue) -> Claim:
    """Return a claim whose customer was asked for something."""
    made = make_claim(make_order(ann))
    ask_for_evidence(
        claim_id=made.pk, by=sue, seen=newest_event(made), note="Which app?", now=timezone.now()
    )
    return made


def shown(client):
    return client.get(URL).context["listed"]


def test_the_newest_stands_first_and_what_is_new_is_marked(claim, ann_client):
    told = shown(ann_client)

    assert [(each.title, each.is_unread) for each in told] == [
        ("Our support team asked for more", True),
        ("You filed the claim", False),
    ]
    assert told[0].text == "Which app?"


def test_what_fetches_the_claim_reads_nothing(claim, ann, ann_client):
    ann_client.get(claim.get_absolute_url())
    ann_client.head(claim.get_absolute_url())

    assert unread_notices(ann) == "1"


def test_all_are_marked_as_read_at_once(claim, ann, ann_client):
    page = ann_client.post("/notices/read/", follow=True)

    assert "marked as read" in page.content.decode()
    assert unread_notices(ann) == ""


def test_every_page_says_how_many_are_unread(claim, ann_client):
    said = ann_client.get("/orders/").content.decode()

    assert '<span class="bell__count">1</span>' in said
    assert "My notices, unread: " in said


def test_many_are_not_counted_in_full(claim, ann, monkeypatch):
    Notice.objects.update(read_at=None)
    monkeypatch.setattr("claims.templatetags.notices.MOST_COUNTED", 1)

    assert unread_notices(ann) == "1+"


def test_nobody_sees_what_others_were_told(claim, bob, ann, client):
    client.force_login(bob)

    assert shown(client) == []
    client.post("/notices/read/")
    newest = Notice.objects.latest("pk").pk
    sent = client.post(f"{claim.get_absolute_url()}read/", {"newest": newest})
    assert sent.status_code == 404
    assert unread_notices(ann) == "1"


@pytest.mark.parametrize("count", [1, 12])
def test_the_page_asks_five_queries_however_long_it_is(
    count, ann, ann_client, django_assert_num_queries
):
    for _ in range(count):
        make_claim(make_order(ann))

    # Session, person, count, notices, unread notices.
    with django_assert_num_queries(5):
        ann_client.get(URL)
