from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from claims.actions.customer import withdrawal
from claims.actions.review import assignment
from claims.admin.queue import queue_page
from claims.models import ApprovalLimit, Claim, Lease, Upload
from claims.queries.review import queue
from tests.claims.admin.asking import QUEUE, codes, page, show_thumbnail, text_of
from tests.makers import ANSWERS, make_claim, make_lease, make_order, make_staff, newest_event
from tests.reviewing import approve, ask_for_evidence

DAY = timedelta(days=1)


def ask(claim, by):
    ask_for_evidence(
        claim_id=claim.pk, by=by, seen=newest_event(claim), note="A video?", now=timezone.now()
    )


def refund(claim, by):
    approve(
        claim_id=claim.pk,
        by=by,
        seen=newest_event(claim),
        answers=ANSWERS,
        note="",
        now=timezone.now(),
    )


def withdraw(claim, now=None):
    customer = claim.order.customer
    withdrawal.withdraw_claim(claim_id=claim.pk, by=customer, now=now or timezone.now())


def assign(claim, to, by):
    assignment.assign(claim_ids=[claim.pk], to=to, by=by, now=timezone.now())


def make_defect(customer, *, ago):
    """Return a claim about a defect that was filed this long ago."""
    bought = timezone.now() - ago - timedelta(hours=1)
    order = make_order(customer, purchased_at=bought, sms=True)
    return make_claim(order, kind="major_defect", now=timezone.now() - ago)


def counts(client):
    return {tab.title: tab.count for tab in page(client).tabs}


def test_open_claims_stand_by_what_is_due_first_and_then_by_age(ann, bob, sue, browse):
    now = timezone.now()
    young = make_claim(make_order(ann), now=now)
    old = make_claim(make_order(ann), now=now - timedelta(minutes=30))
    asked = make_claim(make_order(bob), now=now - timedelta(minutes=50))
    overdue = make_defect(bob, ago=6 * DAY)
    level = make_claim(make_order(ann), now=now)
    closed = make_claim(make_order(bob), now=now - timedelta(minutes=40))
    ask(asked, sue)
    withdraw(closed)

    assert codes(browse(sue)) == [each.code for each in (overdue, asked, old, young, level)]


def test_closed_claims_come_the_last_closed_first(ann, sue, browse):
    now = timezone.now()
    first, second = make_claim(make_order(ann)), make_claim(make_order(ann))
    make_claim(make_order(ann))
    withdraw(first, now)
    withdraw(second, now + timedelta(seconds=1))

    assert codes(browse(sue), tab="closed") == [second.code, first.code]
    assert codes(browse(sue), tab="closed", status="refunded") == []


def test_mine_are_those_assigned_to_me_and_those_that_i_have_before_me(ann, sue, max_, browse):
    assigned, leased, both, others, free = (make_claim(make_order(ann)) for _ in range(5))
    assign(assigned, sue, max_)
    assign(both, sue, max_)
    assign(others, max_, max_)
    make_lease(leased, sue)
    make_lease(both, sue)

    assert codes(browse(sue), tab="mine") == [assigned.code, leased.code, both.code]
    assert codes(browse(max_), tab="mine") == [others.code]
    assert free.code not in codes(browse(sue), tab="mine")


def test_a_lease_that_is_over_makes_nothing_mine(ann, sue, browse):
    claim = make_claim(make_order(ann))
    make_lease(claim, sue, now=timezone.now() - DAY)

    assert codes(browse(sue), tab="mine") == []
    assert codes(browse(sue), tab="unassigned") == [claim.code]


def test_unassigned_are_those_submitted_that_nobody_has(ann, sue, max_, browse):
    free, assigned, leased, asked = (make_claim(make_order(ann)) for _ in range(4))
    assign(assigned, max_, max_)
    make_lease(leased, max_)
    ask(asked, sue)

    assert codes(browse(sue), tab="unassigned") == [free.code]


def test_remedy_due_are_defects_whose_five_days_are_over(ann, sue, browse):
    due = make_defect(ann, ago=5 * DAY)
    make_defect(ann, ago=5 * DAY - timedelta(minutes=5))
    make_claim(make_order(ann, purchased_at=timezone.now() - 6 * DAY), now=timezone.now() - 5 * DAY)
    closed = make_defect(ann, ago=5 * DAY)
    withdraw(closed)

    assert codes(browse(sue), tab="remedy") == [due.code]
    assert text_of(browse(sue)).count("remedy due</span>") == 1


def test_waiting_are_those_whose_customer_has_to_answer(ann, sue, browse):
    make_claim(make_order(ann))
    asked = make_claim(make_order(ann))
    ask(asked, sue)

    assert codes(browse(sue), tab="waiting") == [asked.code]


def test_each_tab_says_how_many_are_on_it(ann, sue, max_, browse):
    make_defect(ann, ago=6 * DAY)
    mine, asked, closed = (make_claim(make_order(ann)) for _ in range(3))
    assign(mine, sue, max_)
    ask(asked, max_)
    withdraw(closed)

    assert counts(browse(sue)) == {
        "Assigned to me": "1",
        "Unassigned": "1",
        "Remedy due": "1",
        "Second person": "0",
        "Waiting for the customer": "1",
        "All open": "3",
        "Closed": "1",
    }


def test_a_tab_is_counted_no_further_than_the_limit(ann, sue, browse, monkeypatch):
    monkeypatch.setattr(queue, "MOST_COUNTED", 2)
    monkeypatch.setattr(queue_page, "MOST_COUNTED", 2)
    for _ in range(2):
        make_claim(make_order(ann))
    assert counts(browse(sue))["All open"] == "2"
    make_claim(make_order(ann))

    assert counts(browse(sue))["All open"] == "2+"


@pytest.fixture
def level(ann, monkeypatch):
    """Make seven claims that only their ids order in the queue, three a page."""
    monkeypatch.setattr(queue, "PER_PAGE", 3)
    now = timezone.now()
    return [make_claim(make_order(ann), now=now).code for _ in range(7)]


def query_of(address):
    return dict(part.split("=") for part in address.split("&"))


def test_pages_go_forward_and_back_where_all_are_due_at_once(level, sue, browse):
    client = browse(sue)
    first = page(client)
    second = page(client, **query_of(first.later))
    third = page(client, **query_of(second.later))
    back = page(client, **query_of(third.earlier))
    home = page(client, **query_of(back.earlier))

    told = [[claim.code for claim in each.claims] for each in (first, second, third, back, home)]
    assert told == [level[:3], level[3:6], level[6:], level[3:6], level[:3]]
    assert (first.earlier, third.later, home.earlier) == ("", "", "")


def test_pages_of_closed_claims_go_the_other_way(level, sue, browse):
    now = timezone.now()
    for claim in Claim.objects.all():
        withdraw(claim, now)
    client = browse(sue)
    first = page(client, tab="closed")
    second = page(client, **query_of(first.later))
    back = page(client, **query_of(second.earlier))

    told = [[claim.code for claim in each.claims] for each in (first, second, back)]
    assert told == [level[:3:-1], level[3:0:-1], level[:3:-1]]


def test_a_page_goes_on_where_the_last_one_ended_whatever_left_meanwhile(level, sue, browse):
    client = browse(sue)
    later = query_of(page(client).later)
    for claim in Claim.objects.filter(code__in=level[1:4]):
        withdraw(claim)

    assert codes(client, **later) == level[4:]


def test_before_too_few_claims_is_the_first_page(level, sue, browse):
    client = browse(sue)
    second = query_of(page(client).later)
    earlier = query_of(page(client, **second).earlier)
    withdraw(Claim.objects.get(code=level[0]))

    assert codes(client, **earlier) == level[1:4]


@pytest.mark.parametrize("side", ["after", "before"])
@pytest.mark.parametrize(
    "junk",
    [
        "x",
        "é",
        "MTIzNA",
        "a" * 5000,
        "MjAyNi0wMS0wMVQwMDowMDowMC81",
        "OTk5OS0xMi0zMVQyMzo1OTo1OSswMDowMC81",
    ],
)
def test_a_place_that_makes_no_sense_is_the_first_page_and_is_told(junk, side, ann, sue, browse):
    claim = make_claim(make_order(ann))

    shown = page(browse(sue), **{side: junk})

    assert [claim.code for claim in shown.claims] == [claim.code]
    assert shown.problems == ["This page no longer exists. Here is the first one."]


def test_the_queue_costs_as_many_queries_for_two_claims_as_for_sixty(ann, sue, max_, browse):
    client = browse(sue)
    asked = [{}, {"tab": "mine"}, {"tab": "closed"}, {"service": "whatsapp"}, {"q": "ann@"}]

    def add(count):
        for number in range(count):
            order = make_order(ann, sms=True)
            claim = make_claim(order, kind="invalid_number", proofs=("screenshot",) * 2)
            show_thumbnail(claim.evidence.first().upload)
            assign(claim, sue, max_)
            if number % 2:
                withdraw(claim)

    def cost(query):
        caches["process"].clear()
        with CaptureQueriesContext(connection) as queries:
            assert client.get(QUEUE, query).status_code == 200
        return len(queries)

    add(4)
    few = [cost(query) for query in asked]
    add(116)

    assert [cost(query) for query in asked] == few
    assert max(few) <= 20


@pytest.mark.parametrize(
    ("who", "links", "takes"),
    [("sue", True, True), ("max_", True, True), ("otto", True, False), ("rita", False, False)],
)
def test_links_and_the_next_claim_are_for_who_may_use_them(who, links, takes, ann, browse, request):
    claim = make_claim(make_order(ann, sms=True), kind="invalid_number", proofs=("screenshot",))
    show_thumbnail(Upload.objects.get())

    shown = text_of(browse(request.getfixturevalue(who)))

    assert claim.code in shown
    assert (reverse("admin:claims_claim_review", args=[claim.pk]) in shown) is links
    assert ("/thumbnail/" in shown) is links
    assert (reverse("admin:claims_claim_next") in shown) is takes


def test_reports_cannot_take_a_claim(ann, rita, browse):
    make_claim(make_order(ann))

    assert browse(rita).post(reverse("admin:claims_claim_next")).status_code == 403
    assert not Lease.objects.exists()


def test_the_next_claim_is_taken_from_the_queue(ann, sue, browse):
    make_claim(make_order(ann), now=timezone.now())
    urgent = make_claim(make_order(ann), now=timezone.now() - timedelta(minutes=5))

    response = browse(sue).post(reverse("admin:claims_claim_next"))

    assert response.url == reverse("admin:claims_claim_review", args=[urgent.pk])
    assert Lease.objects.get().claim == urgent


def test_claims_are_selected_where_there_is_a_page_for_it(ann, sue, otto, browse, monkeypatch):
    monkeypatch.setattr(queue_page, "bulk_address", lambda: "/admin/claims/claim/bulk/")
    claim = make_claim(make_order(ann))

    shown = text_of(browse(sue))

    assert (
        '<form id="selection" class="queue__bulk" method="get" action="/admin/claims/claim/bulk/"'
        in shown
    )
    assert f'<input type="checkbox" form="selection" name="claims" value="{claim.pk}">' in shown
    assert f"Select {claim.code}" in shown
    assert 'type="checkbox"' not in text_of(browse(otto))


def test_without_such_a_page_nothing_is_selected(ann, sue, browse, monkeypatch):
    monkeypatch.setattr(queue_page, "bulk_address", lambda: "")
    make_claim(make_order(ann))

    assert 'type="checkbox"' not in text_of(browse(sue))


def test_customers_and_staff_without_a_group_do_not_see_the_queue(ann, sue, browse):
    sue.groups.remove(Group.objects.get(name="Support"))

    assert browse(ann).get(QUEUE).status_code == 302
    assert browse(sue).get(QUEUE).status_code == 403


def test_the_queue_is_only_read(sue, browse):
    assert browse(sue).post(QUEUE).status_code == 405


def test_names_that_people_give_themselves_are_only_text(ann, sue, max_, browse):
    claim = make_claim(make_order(ann))
    evil = make_staff("evil@example.com", "Support")
    evil.display_name = "<script>alert(1)</script>"
    evil.save()
    assign(claim, evil, max_)

    assert "<script>alert(1)" not in text_of(browse(sue))


def test_the_stock_page_of_a_claim_is_its_review_page(ann, sue, browse):
    claim = make_claim(make_order(ann))

    response = browse(sue).get(reverse("admin:claims_claim_change", args=[claim.pk]))

    assert response.url == reverse("admin:claims_claim_review", args=[claim.pk])
    missing = reverse("admin:claims_claim_change", args=["nothing"])
    assert browse(sue).get(missing).status_code == 404


def test_what_waits_for_a_second_person_has_a_tab_for_everybody_but_the_first(
    ann, sue, max_, browse
):
    ApprovalLimit.objects.create(currency="EUR", amount=1)
    claim = make_claim(make_order(ann))
    approve(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), answers=ANSWERS, note="",
        now=timezone.now(),
    )  # fmt: skip

    assert codes(browse(max_), tab="second") == [claim.code]
    assert codes(browse(sue), tab="second") == []
