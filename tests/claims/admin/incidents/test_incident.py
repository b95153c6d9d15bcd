from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import CreditAccount
from claims.actions.customer import withdrawal
from claims.actions.review import incidents
from claims.admin.incidents.group_page import NOTE
from claims.admin.registrations import incident as pages
from claims.models import Decision, Event, Incident, IncidentClaim
from tests.claims.actions.review.group_answers import answer, group_of, make_one, work_off
from tests.makers import make_lease, newest_event

LIST = reverse("admin:claims_incident_changelist")
BECAUSE = "The supplier's gateway was down."


def address(claim):
    group = group_of(claim)
    parts = [group.country, group.service, group.hour_in_address]
    return reverse("admin:claims_incident_group", args=parts) + f"?supplier={group.supplier}"


def words(*claims, **changes):
    return {
        "because": BECAUSE,
        "note": "Our fault, sorry.",
        "answer-terms": "met",
        "answer-third-party": "met",
        "answer-activation-complete": "met",
        "answer-api-misuse": "met",
        "picks": [f"{claim.pk}.{newest_event(claim)}" for claim in claims],
        "submission": str(uuid4()),
        "stage": "answer",
    } | changes


def text(response):
    return response.content.decode()


def test_unusual_groups_stand_on_top_with_what_is_usual(ann, sue, browse):
    claims = [make_one(ann) for _ in range(5)]
    for _ in range(2):
        make_one(ann, service="viber")

    response = browse(sue).get(LIST)

    page = text(response)
    assert [line.group.service for line in response.context["unusual"]] == ["whatsapp"]
    assert [line.group.service for line in response.context["others"]] == ["viber"]
    assert response.context["unusual"][0].address == address(claims[0])
    assert page.index("unusual</span>") < page.index("Other groups of claims")
    assert response.context["unusual"][0].usual == "0.0"


def test_past_incidents_are_listed_with_their_results(ann, bob, sue, max_, browse):
    claims = [make_one(ann, price="1.50"), make_one(bob, price="2.00")]
    make_lease(claims[1], max_)
    work_off(answer(*claims, by=sue))

    (line,) = browse(sue).get(LIST).context["past"]

    assert (line.result.approved, line.result.left, line.result.waiting) == (1, 1, 0)
    assert line.result.returned == {"EUR": Decimal("1.50")}


def test_older_incidents_are_on_further_pages(ann, sue, browse, monkeypatch):
    monkeypatch.setattr(pages, "SHOWN_AT_ONCE", 2)
    made = [answer(make_one(ann), by=sue) for _ in range(3)]
    client = browse(sue)

    first = client.get(LIST)
    second = client.get(LIST, {"before": first.context["older"]})

    assert [line.incident for line in first.context["past"]] == [made[2], made[1]]
    assert [line.incident for line in second.context["past"]] == [made[0]]
    assert second.context["older"] is None


def test_a_group_shows_its_claims_and_asks_what_they_ask(ann, bob, sue, browse):
    claims = [make_one(ann), make_one(bob, channel="api")]
    make_one(ann, service="viber")

    response = browse(sue).get(address(claims[0]))

    page = response.context["page"]
    assert [row.claim for row in page.rows] == claims
    assert all(row.is_picked for row in page.rows)
    assert [question.name for question in page.form.questions] == [
        "answer-terms", "answer-activation-complete", "answer-api-misuse", "answer-third-party",
    ]  # fmt: skip
    assert page.form["note"].value() == NOTE
    assert "No usable SMS reached you" in text(response)


def test_a_group_shows_beforehand_what_will_be_left(ann, sue, max_, browse):
    good, _, leased = make_one(ann), make_one(sue), make_one(ann)
    make_lease(leased, max_)

    rows = browse(sue).get(address(good)).context["page"].rows

    assert [row.foreseen.left.partition(" until")[0] for row in rows] == [
        "", "Nobody decides a claim of their own.", "Max is working on this claim",
    ]  # fmt: skip


def test_the_preview_says_of_each_claim_what_will_happen_and_decides_nothing(ann, bob, sue, browse):
    claims = [make_one(ann), make_one(bob, channel="api"), make_one(ann)]

    response = browse(sue).post(
        address(claims[0]), words(*claims[:2], stage="preview", **{"answer-api-misuse": ""})
    )

    page = response.context["page"]
    assert response.status_code == 200
    assert [row.claim for row in page.rows] == claims[:2]
    assert page.rows[0].foreseen.will == "will be approved"
    assert page.rows[1].foreseen.left == "Correct use of the API: answer the question first."
    assert "1 of 2 will be approved" in text(response)
    assert f'value="{BECAUSE.replace(chr(39), "&#x27;")}"' in text(response)
    assert not Incident.objects.exists()
    assert not Decision.objects.exists()


def test_what_was_previewed_can_be_changed(ann, sue, browse):
    claims = [make_one(ann), make_one(ann)]

    response = browse(sue).post(address(claims[0]), words(claims[1], stage="change"))

    page = response.context["page"]
    assert [row.is_picked for row in page.rows] == [False, True]
    assert page.form["because"].value() == BECAUSE
    assert page.errors == []


def test_the_answer_makes_an_incident_that_a_job_works_off(ann, bob, sue, browse, run_jobs):
    claims = [make_one(ann, price="1.50"), make_one(bob)]
    client = browse(sue)

    response = client.post(address(claims[0]), words(*claims))

    incident = Incident.objects.get()
    assert response.url == reverse("admin:claims_incident_change", args=[incident.pk])
    assert (incident.by, incident.because, incident.note) == (sue, BECAUSE, "Our fault, sorry.")
    assert incident.answers == {
        "terms": "met", "third-party": "met", "activation-complete": "met", "server-side": "met",
    }  # fmt: skip
    run_jobs()
    page = client.get(response.url).context["page"]
    assert page.told == "2 of 2 done: 2 approved, 0 not approved"
    assert CreditAccount.objects.get(owner=ann).balance == Decimal("1.50")


def test_a_double_click_is_one_incident(ann, sue, browse):
    claims = [make_one(ann), make_one(ann)]
    client, sent = browse(sue), words(*claims)

    first = client.post(address(claims[0]), sent)
    second = client.post(address(claims[0]), sent)

    assert first.url == second.url
    assert Incident.objects.get().submission == UUID(sent["submission"])
    assert IncidentClaim.objects.count() == 2


@pytest.mark.parametrize("stage", ["preview", "answer"])
def test_without_a_reason_or_a_claim_nothing_is_answered_and_what_was_typed_stays(
    stage, ann, sue, browse
):
    claim = make_one(ann)
    client = browse(sue)

    silent = client.post(address(claim), words(claim, because=" ", stage=stage))
    empty = client.post(address(claim), words(stage=stage))

    assert (silent.status_code, empty.status_code) == (422, 422)
    assert silent.context["page"].errors == ["Say why the cause lay with the shop or its supplier."]
    assert "Our fault, sorry." in text(silent)
    assert empty.context["page"].errors == ["Choose at least one claim."]
    assert BECAUSE in text(empty).replace("&#x27;", "'")
    assert not Incident.objects.exists()


@pytest.mark.parametrize("pick", ["", "x", "1", "0.1", "-1.1", "1.1.1", "9" * 30 + ".1"])
def test_what_is_no_pick_picks_nothing(pick, ann, sue, browse):
    claim = make_one(ann)

    response = browse(sue).post(address(claim), words(claim, picks=[pick]))

    assert response.status_code == 422
    assert not Incident.objects.exists()


def test_a_claim_that_moved_on_before_the_answer_is_left_and_told(ann, sue, browse, run_jobs):
    claim, other = make_one(ann), make_one(ann)
    client, sent = browse(sue), words(claim, other)
    Event.objects.create(
        kind="evidence_added", order=claim.order, claim=claim, at=timezone.now(), actor=ann
    )

    preview = client.post(address(claim), sent | {"stage": "preview"})
    response = client.post(address(claim), sent)
    run_jobs()

    assert preview.context["page"].rows[0].foreseen.left.startswith("It has moved on")
    page = client.get(response.url)
    assert "Evidence added (Ann" in text(page)
    assert reverse("admin:claims_claim_review", args=[claim.pk]) in text(page)
    assert page.context["page"].told == "2 of 2 done: 1 approved, 1 not approved"


def test_a_group_that_was_answered_says_so(ann, sue, max_, browse):
    claims = [make_one(ann), make_one(ann)]
    incident = answer(claims[0], by=sue)

    response = browse(max_).get(address(claims[1]))

    assert "Sue has already answered for this group" in text(response)
    assert reverse("admin:claims_incident_change", args=[incident.pk]) in text(response)


def test_a_group_without_open_claims_says_so(ann, sue, browse):
    claim = make_one(ann)
    withdrawal.withdraw_claim(claim_id=claim.pk, by=ann, now=timezone.now())

    assert "No claim of this group is open." in text(browse(sue).get(address(claim)))


@pytest.mark.parametrize(
    "parts",
    [
        ["DE", "whatsapp", "yesterday"],
        ["DE", "whatsapp", "2026-04-01T25"],
        ["de", "whatsapp", "2026-04-01T10"],
        ["DE", "Whats App", "2026-04-01T10"],
    ],
)
def test_what_is_no_group_is_not_found(parts, sue, browse):
    response = browse(sue).get(reverse("admin:claims_incident_group", args=parts))

    assert response.status_code == 404


def test_the_page_shows_progress_and_its_part_is_asked_for_alone(ann, sue, browse):
    claims = [make_one(ann), make_one(ann), make_one(ann)]
    incident = answer(*claims, by=sue)
    incidents.work_on_next(incident_id=incident.pk, now=timezone.now())
    client = browse(sue)

    page = text(client.get(reverse("admin:claims_incident_change", args=[incident.pk])))
    part = text(client.get(reverse("admin:claims_incident_progress", args=[incident.pk])))

    for shown in (page, part):
        assert "1 of 3 done: 1 approved, 0 not approved." in shown
        assert '<progress class="far" value="1" max="3"' in shown
        assert "data-running" in shown
    assert "<html" not in part
    assert "2.50 EUR went back" in part


def test_stopped_and_resumed_by_their_buttons(ann, sue, max_, browse, run_jobs):
    claims = [make_one(ann), make_one(ann)]
    incident = answer(*claims, by=sue)
    page = reverse("admin:claims_incident_change", args=[incident.pk])
    client = browse(max_)

    client.post(reverse("admin:claims_incident_stop", args=[incident.pk]))
    run_jobs()
    stopped = text(client.get(page))
    assert "Stopped by Max" in stopped
    assert not Decision.objects.exists()
    client.post(reverse("admin:claims_incident_resume", args=[incident.pk]))
    run_jobs()

    incident.refresh_from_db()
    assert incident.state == "done"
    assert {decision.by for decision in Decision.objects.all()} == {sue}
    assert Decision.objects.count() == 2


def test_what_is_done_is_not_stopped_and_the_reader_is_told(ann, sue, browse):
    incident = answer(make_one(ann), by=sue)
    work_off(incident)

    response = browse(sue).post(
        reverse("admin:claims_incident_stop", args=[incident.pk]), follow=True
    )

    assert "There is nothing left to stop." in text(response)


@pytest.mark.parametrize("who", ["otto", "rita"])
def test_who_only_looks_answers_for_no_group(who, ann, browse, request):
    claim = make_one(ann)

    response = browse(request.getfixturevalue(who)).post(address(claim), words(claim))

    assert response.status_code == 403
    assert not Incident.objects.exists()


def test_an_auditor_sees_a_group_without_its_form(ann, otto, browse):
    page = text(browse(otto).get(address(make_one(ann))))

    assert "stage" not in page
    assert "Open claims of the group" in page


def test_an_unknown_incident_is_not_found(sue, browse):
    for pk in ("12345", "9" * 30, "abc"):
        assert browse(sue).get(f"{LIST}{pk}/change/").status_code == 404


def test_every_page_asks_as_much_for_many_claims_as_for_few(ann, sue, browse):
    client = browse(sue)

    def asked(ask):
        client.get(LIST)
        with CaptureQueriesContext(connection) as queried:
            assert ask().status_code == 200
        return len(queried)

    def ways(*claims):
        incident = answer(*claims, by=sue)
        preview = words(*claims, stage="preview")
        return [
            lambda: client.get(LIST),
            lambda: client.get(address(claims[0])),
            lambda: client.post(address(claims[0]), preview),
            lambda: client.get(reverse("admin:claims_incident_change", args=[incident.pk])),
            lambda: client.get(reverse("admin:claims_incident_progress", args=[incident.pk])),
        ]

    few = [asked(way) for way in ways(make_one(ann), make_one(sue))]
    for _ in range(6):
        make_one(ann, service="viber")
    many = [asked(way) for way in ways(*(make_one(who) for who in (ann, sue) * 5))]

    assert many == few
