"""The lease of a claim: what the page says of it, and what renews it."""

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from claims.models import Event, Lease
from tests.claims.admin.deciding import offered
from tests.makers import make_claim, make_lease, make_order, newest_event
from tests.reviewing import approve


def url(what: str, claim) -> str:
    return reverse(f"admin:claims_claim_{what}", args=[claim.pk])


def read(client, claim) -> str:
    page: str = client.get(url("review", claim)).content.decode()
    return page


def renew(client, claim, **data) -> dict[str, Any]:
    response = client.post(url("renew", claim), data)
    assert response.status_code == 200
    answer: dict[str, Any] = response.json()
    return answer


def test_a_free_claim_can_be_taken_looked_at_and_given_back(ann, sue, browse):
    claim, client = make_claim(make_order(ann)), browse(sue)
    before = read(client, claim)
    assert "No one is working on this claim." in before
    assert offered(before) == []

    client.post(url("take", claim))
    mine = read(client, claim)
    assert "You have this claim until" in mine
    assert f'data-lease="{url("renew", claim)}"' in mine
    assert Lease.objects.get().holder == sue

    assert client.post(url("release", claim)).status_code == 302
    assert not Lease.objects.exists()


def test_others_see_who_has_it_and_look_without_deciding(ann, sue, max_, browse):
    claim = make_claim(make_order(ann))
    make_lease(claim, max_)

    page = read(browse(sue), claim)

    assert "Max has been working on this claim since" in page
    assert claim.reason in page
    assert offered(page) == []
    assert url("take", claim) not in page
    assert "data-lease=" not in page


def test_an_auditor_sees_who_has_it_and_no_button(ann, sue, otto, browse):
    claim = make_claim(make_order(ann))
    make_lease(claim, sue)

    page = read(browse(otto), claim)

    assert "Sue has been working on this claim since" in page
    assert "formaction" not in page


def test_next_claim_leaves_this_one(ann, bob, sue, browse):
    now = timezone.now()
    first = make_claim(make_order(ann), now=now - timedelta(minutes=9))
    second = make_claim(make_order(bob), now=now - timedelta(minutes=8))
    make_lease(first, sue)
    assert f'name="leaving" value="{first.pk}"' in read(browse(sue), first)

    response = browse(sue).post(reverse("admin:claims_claim_next"), {"leaving": first.pk})

    assert response.url == url("review", second)
    assert Lease.objects.get().claim == second


def test_renewing_keeps_it_and_says_what_is_new(ann, sue, browse):
    claim = make_claim(make_order(ann))
    lease = make_lease(claim, sue, now=timezone.now() - timedelta(minutes=2))
    seen = newest_event(claim)

    quiet = renew(browse(sue), claim, seen=seen)
    Event.objects.create(
        kind="evidence_added", order=claim.order, claim=claim, at=timezone.now(), actor=ann
    )
    told = renew(browse(sue), claim, seen=seen)

    assert Lease.objects.get().until > lease.until
    assert quiet["news"] == ""
    assert quiet["told"].startswith("You have this claim until")
    assert told["news"].startswith("Evidence added (Ann")


def test_renewing_says_whose_it_is_now(ann, sue, max_, browse):
    claim, client = make_claim(make_order(ann)), browse(sue)
    make_lease(claim, sue, now=timezone.now() - timedelta(minutes=30))
    over = renew(client, claim)
    make_lease(claim, max_)
    taken = renew(client, claim, seen="nonsense")
    approve(
        claim_id=claim.pk, by=max_, seen=newest_event(claim), note="", now=timezone.now(),
        answers=dict.fromkeys(("terms", "server-side", "third-party"), "met"),
    )  # fmt: skip
    decided = renew(client, claim)

    assert [answer["until"] for answer in (over, taken, decided)] == [None, None, None]
    assert over["told"].startswith("No one is working on this claim.")
    assert taken["told"].startswith("Max has been working on this claim since")
    assert decided["told"] == "Max has decided this claim: refund."


def test_a_claim_is_assigned_from_its_page(ann, sue, max_, browse):
    claim, client = make_claim(make_order(ann)), browse(sue)

    client.post(url("assign", claim), {"seen": 0, "assignee": max_.pk})

    claim.refresh_from_db()
    assert claim.assignee == max_
    page = read(client, claim)
    assert "Assignee: Max" in page
    assert "Assignee: <del>unassigned</del> → <ins>max@example.com</ins>" in page
