"""The front page of the admin: waiting claims, claims due next, own claims, and figures."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import CustomerMerge
from claims.admin.desk import day_began
from claims.models import ApprovalLimit, CannedReply, Claim
from tests.makers import make_claim, make_lease, make_order, make_shop_event, make_user

URL = reverse("admin:index")
NEXT = reverse("admin:claims_claim_next")
EXPORT = reverse("admin:claims_claim_export")
QUEUE = reverse("admin:claims_claim_changelist")


@pytest.fixture(autouse=True)
def fresh_figures(settings):
    memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    settings.CACHES = {"default": memory, "process": memory}
    cache.clear()


def open_desk(client):
    response = client.get(URL)
    assert response.status_code == 200
    return response.context["desk"], response.content.decode()


def test_a_reviewer_sees_what_waits_what_is_due_and_what_is_theirs(ann, sue, browse):
    free, mine = make_claim(make_order(ann)), make_claim(make_order(ann))
    Claim.objects.filter(pk=mine.pk).update(assignee=sue)

    desk, page = open_desk(browse(sue))

    assert [(count.name, count.found) for count in desk.counts][:2] == [
        ("Assigned to me", 1),
        ("Unassigned", 1),
    ]
    assert [line.claim for line in desk.mine] == [mine]
    assert [line.claim for line in desk.due] == [free, mine]
    for claim in (free, mine):
        assert reverse("admin:claims_claim_review", args=[claim.pk]) in page
    assert NEXT in page
    assert QUEUE in page
    assert EXPORT not in page


def test_events_that_wait_or_were_refused_are_counted_with_their_age(max_, browse):
    now = timezone.now()
    make_shop_event("waits", state="waiting", received_at=now - timedelta(hours=3))
    make_shop_event("refused", state="refused", received_at=now - timedelta(days=2))
    make_shop_event("long-ago", state="refused", received_at=now - timedelta(days=8))
    make_shop_event("applied", state="applied")

    _, page = open_desk(browse(max_))

    text = " ".join(page.split())
    assert "1 event waits, for 3 hours" in text
    assert "1 event was refused in the last 7 days, 2 days ago" in text


def test_next_claim_takes_the_most_urgent_one(ann, sue, browse):
    claim = make_claim(make_order(ann))

    response = browse(sue).post(NEXT)

    assert response.url == reverse("admin:claims_claim_review", args=[claim.pk])
    assert claim.lease.holder == sue


@pytest.mark.parametrize(
    ("who", "next_", "export", "looks"),
    [
        ("sue", True, False, True),
        ("max_", True, False, True),
        ("otto", False, False, True),
        ("rita", False, True, False),
        ("root", True, True, True),
    ],
)
def test_each_role_sees_what_it_may(who, next_, export, looks, ann, browse, request):
    claim = make_claim(make_order(ann))

    desk, page = open_desk(browse(request.getfixturevalue(who)))

    assert (NEXT in page, EXPORT in page) == (next_, export)
    assert QUEUE in page
    assert (claim.code in page) is looks
    assert (desk.figures is not None) is looks
    assert ("Assigned to me" in [count.name for count in desk.counts]) is next_


def test_staff_without_a_group_are_told_so(db, browse):
    desk, page = open_desk(browse(make_user("new@example.com", is_staff=True)))

    assert "You have no permission to see anything here" in page
    assert QUEUE not in page
    assert desk.counts == []


def test_a_superuser_finds_every_section(root, browse):
    response = browse(root).get(URL)

    models = [model for app in response.context["app_list"] for model in app["models"]]
    page = response.content.decode()
    assert len(models) >= 15
    assert all(model["admin_url"] in page for model in models)


def test_who_is_late_is_said(ann, sue, browse):
    now = timezone.now()
    claim = make_claim(
        make_order(ann, purchased_at=now - timedelta(days=2)), now=now - timedelta(days=2)
    )

    desk, page = open_desk(browse(sue))

    assert [line.is_late for line in desk.due if line.claim == claim] == [True]
    assert re.search(r"\b1.day.* overdue<", page)


def test_the_desk_costs_the_same_for_one_claim_and_for_thirty(ann, sue, browse):
    client = browse(sue)

    def cost():
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            open_desk(client)
        return len(queries)

    make_lease(make_claim(make_order(ann)), sue)
    one = cost()
    for number in range(30):
        claim = make_claim(make_order(ann))
        if number % 2:
            Claim.objects.filter(pk=claim.pk).update(assignee=sue)

    assert cost() == one <= 20


def test_the_day_begins_at_midnight_where_one_reads():
    now = datetime(2026, 6, 10, 1, tzinfo=UTC)

    with timezone.override("Europe/Berlin"):
        assert day_began(now) == datetime(2026, 6, 9, 22, tzinfo=UTC)
    with timezone.override("America/New_York"):
        assert day_began(now) == datetime(2026, 6, 9, 4, tzinfo=UTC)


def test_supervisors_write_canned_replies_and_support_reads_them(sue, max_, browse):
    words = {"name": "A video", "language": "en", "body": "Dear {name}, a video, please."}
    add = reverse("admin:claims_cannedreply_add")

    assert browse(sue).post(add, words).status_code == 403
    assert browse(max_).post(add, words).status_code == 302
    reply = CannedReply.objects.get()
    change = reverse("admin:claims_cannedreply_change", args=[reply.pk])
    assert browse(max_).post(change, words | {"body": "Hi {nobody}"}).status_code == 200
    assert browse(sue).get(change).status_code == 200
    assert browse(sue).post(change, words).status_code == 403
    delete = reverse("admin:claims_cannedreply_delete", args=[reply.pk])
    assert browse(sue).post(delete, {"post": "yes"}).status_code == 403
    assert browse(max_).post(delete, {"post": "yes"}).status_code == 302

    assert not CannedReply.objects.exists()


def test_superusers_set_the_approval_limit_and_the_history_says_from_what_to_what(
    max_, root, browse
):
    limit = ApprovalLimit.objects.create(currency="EUR", amount="50.00")
    change = reverse("admin:claims_approvallimit_change", args=["EUR"])

    assert browse(max_).post(change, {"amount": "999"}).status_code == 403
    assert browse(root).post(change, {"amount": "80", "currency": "USD"}).status_code == 302

    limit.refresh_from_db()
    assert limit.amount == 80
    assert ApprovalLimit.objects.count() == 1
    history = reverse("admin:claims_approvallimit_history", args=["EUR"])
    assert "Changed from 50.00 to 80" in browse(root).get(history).content.decode()


def test_nobody_reads_notes_about_a_claim_of_their_own(ann, sue, browse):
    claim = make_claim(make_order(ann))
    claim.notes.create(author=sue, body="Odd customer.", written_at=timezone.now())
    ann.is_staff = True
    ann.save()
    ann.groups.set([Group.objects.get(name="Support")])
    notes = reverse("admin:claims_note_changelist")

    assert "Odd customer." in browse(sue).get(notes).content.decode()
    assert "Odd customer." not in browse(ann).get(notes).content.decode()


def test_merges_that_wait_for_the_viewer_are_counted(ann, bob, max_, sue, otto, browse):
    CustomerMerge.objects.create(
        merged=ann, survivor=bob, reason="One.", asked_by=max_, asked_at=timezone.now()
    )

    words = "1 merge waits for a second person"
    assert words in browse(sue).get("/admin/").content.decode()
    assert words not in browse(max_).get("/admin/").content.decode()
    assert words not in browse(otto).get("/admin/").content.decode()
