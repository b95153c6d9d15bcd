import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from claims.actions.customer import withdrawal
from claims.actions.review import assignment
from claims.models import Claim, Decision, Event, Lease, Message
from tests.makers import make_claim, make_lease, make_order, newest_event

URL = reverse("admin:claims_claim_bulk")
NOTE = "Please send a screenshot of the app."


def claims_of(*customers, **fields):
    return [make_claim(make_order(customer, sms=True, **fields)) for customer in customers]


def words(claims, **changes):
    return {
        "step": "ask",
        "to": "",
        "clause": "",
        "terms_section": "",
        "note": NOTE,
        "picks": [f"{claim.pk}.{newest_event(claim)}" for claim in claims],
        "stage": "do",
    } | changes


def told(response):
    """Return the text beside each claim of a preview."""
    return [
        row.foreseen.left or row.foreseen.will for row in response.context["selection"].foreseen
    ]


def results(response):
    return [left for _, left in response.context["results"]]


def text(response):
    return response.content.decode()


def test_a_selection_of_the_queue_is_shown_in_its_order(ann, bob, sue, max_, browse):
    first, second = claims_of(ann, bob)
    make_lease(second, max_)

    response = browse(sue).get(URL, {"claims": [second.pk, first.pk, second.pk, "x", 10**20, 0]})

    rows = response.context["selection"].rows
    assert [row.claim for row in rows] == [second, first]
    assert [row.pick for row in rows] == [
        f"{second.pk}.{newest_event(second)}", f"{first.pk}.{newest_event(first)}",
    ]  # fmt: skip
    assert rows[0].lease.holder == max_
    assert not Lease.objects.filter(holder=sue).exists()


def test_only_clauses_are_offered_on_which_one_of_them_can_be_rejected(ann, sue, browse):
    claims = [*claims_of(ann), make_claim(make_order(ann), kind="major_defect")]

    page = browse(sue).get(URL, {"claims": [claim.pk for claim in claims]})

    offered = [value for value, _ in page.context["selection"].form.fields["clause"].widget.choices]
    assert offered == [
        "", "terms", "activation-complete", "server-side", "critical-defect", "repair",
        "third-party",
    ]  # fmt: skip


@pytest.mark.parametrize("chosen", [[], ["x"], [99_999_999], list(range(1, 102))])
def test_nothing_and_too_much_chosen_lead_back_to_the_queue(chosen, sue, browse):
    response = browse(sue).get(URL, {"claims": chosen})

    assert response.url == reverse("admin:claims_claim_changelist")


def test_the_preview_says_what_will_happen_to_each_and_does_nothing(ann, sue, max_, browse):
    free, own, leased, closed = claims = claims_of(ann, sue, ann, ann)
    make_lease(leased, max_)
    withdrawal.withdraw_claim(claim_id=closed.pk, by=ann, now=timezone.now())
    client = browse(sue)

    asked = client.post(URL, words(claims, stage="preview"))
    rejected = client.post(
        URL, words(claims, stage="preview", step="reject", clause="critical-defect")
    )
    assigned = client.post(URL, words(claims, stage="preview", step="assign", to=max_.pk))

    until = Lease.objects.get().until
    leased_words = f"Max is working on this claim until {until:%H:%M} UTC."
    closed_words = told(asked)[3]
    assert closed_words.startswith("This claim is closed: it was withdrawn on")
    assert told(asked) == [
        "will wait for the customer, who gets your note",
        "Nobody decides a claim of their own.",
        leased_words,
        closed_words,
    ]
    assert told(rejected) == [
        "The clause is no ground to reject this claim.",
        "Nobody decides a claim of their own.",
        leased_words,
        closed_words,
    ]
    assert told(assigned) == ["will be assigned to Max"] * 3 + [closed_words]
    assert "Ask for evidence: 1 of 4" in text(asked)
    assert "Assign to Max: 3 of 4" in text(assigned)
    assert Lease.objects.count() == 1
    assert not Message.objects.exists()
    assert not Decision.objects.exists()
    assert {claim.assignee for claim in Claim.objects.all()} == {None}
    assert free.is_open
    assert own.is_open


def test_the_preview_carries_all_to_the_next_step(ann, sue, browse):
    claims = claims_of(ann)
    client = browse(sue)
    sent = words(claims, step="reject", clause="terms", terms_section="4.2", stage="preview")

    page = text(client.post(URL, sent))

    for name in ("step", "clause", "terms_section", "note"):
        assert f'type="hidden" name="{name}" value="{sent[name]}"' in page
    assert f'name="picks" value="{sent["picks"][0]}"' in page


def test_what_was_previewed_can_be_changed(ann, sue, browse):
    claims = claims_of(ann)

    response = browse(sue).post(URL, words(claims, stage="change"))

    selection = response.context["selection"]
    assert selection.form["note"].value() == NOTE
    assert selection.form["step"].value() == "ask"
    assert selection.errors == []
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"step": "ask"}, "waiting_customer"),
        ({"step": "reject", "clause": "server-side"}, "rejected"),
        ({"step": "reject", "clause": "terms", "terms_section": "4.2"}, "rejected"),
    ],
)
def test_it_is_done_to_each_and_each_is_listed(changes, status, ann, bob, sue, browse):
    claims = claims_of(ann, bob)

    response = browse(sue).post(URL, words(claims, **changes))

    assert results(response) == ["", ""]
    assert "2 of 2" in text(response)
    assert [*Claim.objects.values_list("status", flat=True)] == [status] * 2
    assert not Lease.objects.exists()
    for claim in claims:
        assert claim.code in text(response)
        assert claim.events.latest("pk").actor == sue


def test_claims_are_assigned(ann, bob, sue, max_, browse):
    claims = claims_of(ann, bob)

    response = browse(sue).post(URL, words(claims, step="assign", to=max_.pk, note=""))

    assert results(response) == ["", ""]
    assert {claim.assignee for claim in Claim.objects.all()} == {max_}


@pytest.mark.parametrize("changes", [{"step": "ask"}, {"step": "reject", "clause": "server-side"}])
def test_what_has_moved_on_in_between_is_left_and_told(changes, ann, sue, browse):
    moved, other = claims = claims_of(ann, ann)
    client, sent = browse(sue), words(claims, **changes)
    Event.objects.create(
        kind="evidence_added", order=moved.order, claim=moved, at=timezone.now(), actor=ann
    )

    preview = client.post(URL, sent | {"stage": "preview"})
    response = client.post(URL, sent)

    assert told(preview)[0].startswith("It has moved on while you were looking.")
    assert "Evidence added (Ann" in results(response)[0]
    assert results(response)[1] == ""
    moved.refresh_from_db()
    other.refresh_from_db()
    assert moved.status == Claim.Status.SUBMITTED
    assert other.status != Claim.Status.SUBMITTED


def test_what_was_given_away_in_between_is_left_and_told(ann, sue, max_, browse):
    claims = claims_of(ann, ann)
    client, sent = browse(sue), words(claims, step="assign", to=sue.pk)
    assignment.assign(claim_ids=[claims[0].pk], to=max_, by=max_, now=timezone.now())

    assert results(client.post(URL, sent)) == ["Max has assigned it meanwhile.", ""]

    assert [claim.assignee for claim in Claim.objects.order_by("pk")] == [max_, sue]


def test_sent_twice_it_is_done_once(ann, sue, browse):
    claims = claims_of(ann)
    client, sent = browse(sue), words(claims, step="reject", clause="server-side")

    client.post(URL, sent)
    again = client.post(URL, sent)

    assert "closed" in results(again)[0]
    assert Decision.objects.count() == 1


@pytest.mark.parametrize("stage", ["preview", "do"])
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"step": ""}, "Choose an action."),
        ({"step": "ask", "note": "  "}, "Write a note: the customers read it."),
        ({"step": "reject"}, "Choose the clause that the claims fail."),
        ({"step": "reject", "clause": "no-such"}, "Choose the clause that the claims fail."),
        ({"step": "reject", "clause": "terms"}, "Name the section of the terms."),
    ],
)
def test_what_is_missing_is_told_and_nothing_is_done(changes, error, stage, ann, sue, browse):
    claims = claims_of(ann)

    response = browse(sue).post(URL, words(claims, stage=stage, **changes))

    assert response.status_code == 422
    assert response.context["selection"].errors == [error]
    assert "Nothing was done" in text(response)
    assert claims[0].code in text(response)
    assert not Message.objects.exists()
    assert not Decision.objects.exists()


def test_who_decides_no_claims_is_offered_to_nobody(ann, sue, otto, browse):
    claims = claims_of(ann)

    response = browse(sue).post(URL, words(claims, step="assign", to=otto.pk))

    assert response.status_code == 422
    assert Claim.objects.get().assignee is None


@pytest.mark.parametrize("who", ["rita", "otto"])
@pytest.mark.parametrize("step", ["assign", "ask", "reject"])
def test_who_only_looks_does_nothing_with_many(who, step, ann, browse, request):
    claims = claims_of(ann)
    client = browse(request.getfixturevalue(who))

    shown = client.get(URL, {"claims": [claims[0].pk]})
    done = client.post(URL, words(claims, step=step, clause="server-side"))

    assert (shown.status_code, done.status_code) == (403, 403)
    assert claims[0].events.count() == 1


@pytest.mark.parametrize("who", ["sue", "max_"])
def test_support_and_supervisors_do(who, ann, browse, request):
    claims = claims_of(ann)

    response = browse(request.getfixturevalue(who)).post(URL, words(claims))

    assert results(response) == [""]


def test_the_pages_ask_as_much_for_many_as_for_one(ann, sue, browse):
    client = browse(sue)

    def asked(claims):
        sent = words(claims, stage="preview", step="reject", clause="terms", terms_section="1")
        with CaptureQueriesContext(connection) as first:
            client.get(URL, {"claims": [claim.pk for claim in claims]})
        with CaptureQueriesContext(connection) as second:
            assert "of" in text(client.post(URL, sent))
        return len(first), len(second)

    few = asked(claims_of(ann))

    assert asked(claims_of(*[ann, sue] * 4)) == few
