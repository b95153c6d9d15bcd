"""The audit log of a person's day and of a whole claim, as an Auditor reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.origin import coming_from
from claims.actions.review import corrections, notes
from claims.actions.uploads import view_log
from claims.admin.audit import person_day
from claims.models import ApprovalLimit, Claim, Event
from tests.makers import ANSWERS, make_claim, make_lease, make_order, newest_event
from tests.reviewing import approve, ask_for_evidence, reject

DAY = reverse("admin:claims_event_day")
NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)


def story(claim):
    return reverse("admin:claims_event_story", args=[claim.pk])


@pytest.fixture
def claim(ann) -> Claim:
    """Return a claim with a picture, filed at noon."""
    order = make_order(ann, sms=True, purchased_at=NOON - timedelta(hours=1))
    return make_claim(order, kind="invalid_number", proofs=("screenshot",), now=NOON)


def did(claim, actor, at, kind="noted", **words):
    return Event.objects.create(
        order=claim.order, claim=claim, kind=kind, actor=actor, at=at, **words
    )


def read(client, **query):
    response = client.get(DAY, query)
    assert response.status_code == 200
    day = response.context["day"]
    return day, response.content.decode()


def lines(day):
    return [event.pk for group in day.groups for event, _change, _details in group.lines]


def test_a_day_is_told_in_order_and_grouped_by_claim(ann, sue, otto, claim, browse):
    other = make_claim(make_order(ann))
    told = [
        did(claim, sue, NOON),
        did(claim, sue, NOON + timedelta(hours=1)),
        did(other, sue, NOON + timedelta(hours=2)),
        did(claim, sue, NOON + timedelta(hours=3)),
    ]

    day, page = read(browse(otto), person=sue.pk, day="2026-06-10")

    assert lines(day) == [event.pk for event in told]
    assert [group.claim for group in day.groups] == [claim, other, claim]
    assert story(claim) in page


def test_a_day_is_that_of_who_reads(sue, otto, claim, browse):
    late = did(claim, sue, datetime(2026, 6, 9, 22, 30, tzinfo=UTC))
    did(claim, sue, datetime(2026, 6, 10, 22, 30, tzinfo=UTC))

    assert read(browse(otto), person=sue.pk, day="2026-06-09")[0].events == [late]
    otto.time_zone = "Europe/Berlin"
    otto.save()

    day, page = read(browse(otto), person=sue.pk, day="2026-06-10")
    assert day.events == [late]
    assert "00:30:00" in page
    assert "Europe/Berlin" in page


def test_the_day_of_a_clock_change_has_all_its_hours(sue, claim):
    with timezone.override("Europe/Berlin"):
        told = [
            did(claim, sue, datetime(2026, 10, 24, 22, tzinfo=UTC)),
            did(claim, sue, datetime(2026, 10, 25, 22, 59, tzinfo=UTC)),
        ]
        did(claim, sue, datetime(2026, 10, 25, 23, tzinfo=UTC))

        assert list(person_day.events_of_day(sue, datetime(2026, 10, 25).date())) == told


def test_a_line_says_what_was_what_is_and_from_where(sue, otto, claim, browse):
    with coming_from("198.51.100.7"):
        ask_for_evidence(
            claim_id=claim.pk, by=sue, seen=newest_event(claim), note="The whole screen?", now=NOON
        )

    _, page = read(browse(otto), person=sue.pk, day="2026-06-10")

    assert "status: submitted → waiting_customer" in page
    assert "198.51.100.7" in page
    assert "The whole screen?" in page


def test_a_long_day_goes_on_where_the_page_ended(sue, otto, claim, browse, monkeypatch):
    monkeypatch.setattr(person_day, "DAY_PAGE", 2)
    told = [did(claim, sue, NOON) for _ in range(5)]
    client, found, address = browse(otto), [], f"?person={sue.pk}&day=2026-06-10"
    while address:
        day = client.get(DAY + address).context["day"]
        found += lines(day)
        address = day.rest

    assert found == [event.pk for event in told]


def test_a_day_costs_the_same_for_one_line_and_for_many(sue, otto, claim, browse):
    client = browse(otto)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            read(client, person=sue.pk, day="2026-06-10")
        return len(queries)

    did(claim, sue, NOON)
    one = cost()
    for _ in range(30):
        did(claim, sue, NOON)

    assert cost() == one <= 10


def test_support_reads_its_own_day_and_no_colleague_s(sue, max_, claim, browse):
    mine = did(claim, sue, NOON)
    did(claim, max_, NOON, data={"note": "of max"})
    client = browse(sue)

    assert read(client, person=sue.pk, day="2026-06-10")[0].events == [mine]
    day, page = read(client, person=max_.pk, day="2026-06-10")
    assert day is None
    assert "of max" not in page
    assert "max@example.com" not in page


@pytest.mark.parametrize("who", ["max_", "otto"])
def test_supervisors_and_auditors_read_anybody_s_day(who, sue, claim, browse, request):
    told = did(claim, sue, NOON)

    client = browse(request.getfixturevalue(who))

    assert read(client, person=sue.pk, day="2026-06-10")[0].events == [told]


def test_without_a_choice_it_is_one_s_own_day_today(sue, claim, browse):
    told = did(claim, sue, timezone.now())

    assert read(browse(sue))[0].events == [told]


@pytest.mark.parametrize(
    "query", [{"day": "never"}, {"person": "x"}, {"day": "2026-06-10", "person": "99999999999"}]
)
def test_what_cannot_be_read_is_said(query, otto, browse):
    day, page = read(browse(otto), **query)

    assert day is None
    assert 'role="alert"' in page


def test_a_page_from_nowhere_begins_at_the_beginning(sue, otto, claim, browse):
    told = did(claim, sue, NOON)

    for after in ("x", "9" * 30, "999999"):
        day, _ = read(browse(otto), person=sue.pk, day="2026-06-10", after=after)
        assert day.events == [told]


@pytest.fixture
def whole(claim: Claim, sue, max_) -> Claim:
    """Return a claim with every kind of event in its story."""
    ApprovalLimit.objects.create(currency="EUR", amount=1)
    upload = claim.evidence.get().upload
    view_log.record_look(upload=upload, role="picture", by=sue, now=NOON + timedelta(minutes=1))
    notes.add_note(claim_id=claim.pk, by=sue, body="Look twice.", now=NOON)
    make_lease(claim, sue)
    corrections.correct_facts(
        claim_id=claim.pk,
        by=sue,
        seen=newest_event(claim),
        correction=corrections.Correction(two_factor=True, channel="web", service="whatsapp"),
        note="It asks for a password.",
        now=timezone.now(),
    )
    for person in (sue, max_):
        approve(
            claim_id=claim.pk, by=person, seen=newest_event(claim), answers=ANSWERS,
            note="Sorry for that.", now=timezone.now(),
        )  # fmt: skip
    return claim


def test_a_story_holds_everything_in_one_line_of_time(whole, otto, browse):
    response = browse(otto).get(story(whole))

    page = response.content.decode()
    at = [line.at for line in response.context["lines"]]
    assert at == sorted(at)
    for words in (
        "Bought",
        "SMS received",
        "Claim filed",
        "Evidence looked at",
        "Look twice.",
        "It asks for a password.",
        "two factor: no → yes",
        "First approval: refund",
        "Decision 1: refund",
        "Sorry for that.",
        "when it was filed",
        "when it was decided",
        f"charge:{whole.order.charge_id}:return",
        "status: submitted → refunded",
    ):
        assert words in page, words


def test_a_story_marks_what_the_customer_does_not_see(whole, otto, browse):
    found = browse(otto).get(story(whole)).context["lines"]

    internal = {line.what for line in found if line.is_internal}
    assert {"Internal note", "Evidence looked at", "First approval: refund"} <= internal
    assert "Claim filed" not in internal


def test_a_rejection_s_story_names_its_clause(claim, sue, otto, browse):
    reject(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), answers=ANSWERS, clause="terms",
        terms_section="4.2", note="See there.", now=timezone.now(),
    )  # fmt: skip

    page = browse(otto).get(story(claim)).content.decode()

    assert ", section 4.2" in page


def test_nobody_reads_the_story_of_a_claim_of_their_own(whole, ann, otto, browse):
    ann.is_staff = True
    ann.save()
    ann.groups.set(otto.groups.all())

    assert browse(ann).get(story(whole)).status_code == 403


def test_a_story_costs_the_same_for_few_lines_and_for_many(whole, sue, otto, browse):
    client = browse(otto)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(story(whole)).status_code == 200
        return len(queries)

    one = cost()
    for _ in range(20):
        did(whole, sue, NOON)
        notes.add_note(claim_id=whole.pk, by=sue, body="Again.", now=NOON)

    assert cost() == one <= 16


def test_a_story_that_is_not_there_is_missing(otto, browse):
    assert browse(otto).get(reverse("admin:claims_event_story", args=[999])).status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_both_pages_only_read(method, claim, otto, browse):
    client = browse(otto)

    assert getattr(client, method)(DAY).status_code == 405
    assert getattr(client, method)(story(claim)).status_code == 405
