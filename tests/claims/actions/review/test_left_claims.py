"""The claims of a group that an answer leaves, with the reasons, which the form predicts."""

from datetime import timedelta
from decimal import Decimal

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from claims import queries
from claims.actions.customer import withdrawal
from claims.actions.review import incidents
from claims.models import Approval, ApprovalLimit, Claim, Event, IncidentClaim
from tests.claims.actions.review.group_answers import (
    OTHERS,
    answer,
    balance,
    make_one,
    state_of,
    why,
    work_off,
)
from tests.makers import ANSWERS, make_lease, newest_event
from tests.reviewing import approve


def test_a_claim_with_a_failing_clause_is_left_and_says_which(ann, bob, sue):
    good, late = make_one(ann), make_one(bob)
    incident = answer(good, late, by=sue)
    order = late.order
    # The shop reports this meanwhile.
    order.activation, order.sms_received_at = "completed", order.purchased_at
    order.completed_at = order.purchased_at
    order.save()

    work_off(incident)

    late.refresh_from_db()
    assert incident.state == "done"
    assert state_of(good) == "approved"
    assert "an SMS arrived and the activation was completed" in why(late)
    assert late.status == Claim.Status.SUBMITTED
    assert balance(bob) == 0


def test_a_claim_that_someone_else_has_before_them_is_left(ann, sue, max_):
    claim = make_one(ann)
    make_lease(claim, max_)

    work_off(answer(claim, by=sue))

    assert why(claim).startswith("Max is working on this claim until ")
    assert balance(ann) == 0


def test_the_reviewers_own_lease_and_one_that_is_over_are_no_hindrance(ann, sue, max_):
    mine, over = make_one(ann), make_one(ann)
    make_lease(mine, sue)
    make_lease(over, max_, now=timezone.now() - timedelta(hours=1))

    work_off(answer(mine, over, by=sue))

    assert (state_of(mine), state_of(over)) == ("approved", "approved")


def test_a_claim_of_ones_own_is_left(ann, sue):
    own, other = make_one(sue), make_one(ann)

    work_off(answer(own, other, by=sue))

    assert why(own) == "Nobody decides a claim of their own."
    assert state_of(other) == "approved"


def test_above_the_limit_the_answer_is_the_first_of_two_approvals(ann, sue, max_):
    ApprovalLimit.objects.create(currency="EUR", amount=Decimal("2.00"))
    claim = make_one(ann, price="2.50")

    work_off(answer(claim, by=sue))

    claim.refresh_from_db()
    assert "2.50 EUR is more than one person pays alone" in why(claim)
    assert Approval.objects.get().by == sue
    assert claim.approval == Approval.objects.get()
    assert balance(ann) == 0


def test_the_second_persons_answer_pays(ann, sue, max_):
    ApprovalLimit.objects.create(currency="EUR", amount=Decimal("2.00"))
    claim = make_one(ann, price="2.50")
    approve(
        claim_id=claim.pk, by=max_, seen=newest_event(claim), answers=ANSWERS, note="",
        now=timezone.now(),
    )  # fmt: skip

    work_off(answer(claim, by=sue))

    assert state_of(claim) == "approved"
    assert balance(ann) == Decimal("2.50")


def test_an_unanswered_question_and_one_answered_against_it_leave_a_claim(ann, bob, sue):
    web, api = make_one(ann), make_one(bob, channel="api")

    work_off(answer(web, api, by=sue, others=OTHERS | {"api-misuse": ""}))
    work_off(answer(again := make_one(ann), by=sue, others=OTHERS | {"terms": "failed"}))

    assert state_of(web) == "approved"
    assert why(api) == "Correct use of the API: answer the question first."
    assert why(again) == "Terms and return policy: answered against the claim."


def test_a_claim_that_has_moved_on_since_it_was_seen_is_left(ann, sue):
    claim = make_one(ann)
    incident = answer(claim, by=sue)
    Event.objects.create(
        kind="evidence_added", order=claim.order, claim=claim, at=timezone.now(), actor=ann
    )

    work_off(incident)

    assert "Evidence added (Ann" in why(claim)
    assert balance(ann) == 0


def test_a_claim_that_was_withdrawn_meanwhile_is_left(ann, sue):
    claim = make_one(ann)
    incident = answer(claim, by=sue)
    withdrawal.withdraw_claim(claim_id=claim.pk, by=ann, now=timezone.now())

    work_off(incident)

    assert "it was withdrawn on" in why(claim)


def test_who_may_no_longer_decide_decides_nothing_more(ann, sue):
    claim = make_one(ann)
    incident = answer(claim, by=sue)
    sue.groups.clear()

    work_off(incident)

    assert why(claim) == "Only Support and Supervisors decide claims."
    assert balance(ann) == 0


def test_what_is_foreseen_is_what_happens(ann, bob, sue, max_):
    ApprovalLimit.objects.create(currency="EUR", amount=Decimal("3.00"))
    claims = [
        make_one(ann),
        make_one(bob, channel="api"),
        make_one(sue),
        make_one(ann, price="3.50"),
        make_one(bob),
        make_one(ann, price="4.50"),
        make_one(bob),
    ]
    make_lease(claims[4], max_)
    approve(
        claim_id=claims[5].pk, by=max_, seen=newest_event(claims[5]), answers=ANSWERS, note="",
        now=timezone.now(),
    )  # fmt: skip
    withdrawal.withdraw_claim(claim_id=claims[6].pk, by=bob, now=timezone.now())
    others = OTHERS | {"api-misuse": ""}
    incident = answer(*claims, by=sue, others=others)
    answers = incidents.GroupAnswer(because="…", others=others).by_clause
    read = queries.with_their_state(Claim.objects.filter(pk__in=[c.pk for c in claims]))

    seen = {claim.pk: newest_event(claim) for claim in claims}
    foreseen = incidents.foresee(read, by=sue, answers=answers, seen=seen, now=timezone.now())
    work_off(incident)

    left = {each.claim.pk: each.left for each in foreseen}
    assert left == dict(IncidentClaim.objects.values_list("claim", "why"))
    assert [bool(left[claim.pk]) for claim in claims] == [
        False, True, True, True, True, False, True,
    ]  # fmt: skip


def test_foreseeing_asks_as_much_for_many_claims_as_for_one(ann, sue):
    def ask():
        with CaptureQueriesContext(connection) as queried:
            read = queries.with_their_state(Claim.objects.all())
            seen = queries.newest_events(claim.pk for claim in read)
            incidents.foresee(read, by=sue, answers=OTHERS, seen=seen, now=timezone.now())
        return len(queried)

    make_one(ann)
    one = ask()
    for _ in range(5):
        make_one(ann)

    assert ask() == one


def test_the_questions_of_a_group_are_those_that_its_open_claims_ask(ann, bob, sue):
    make_one(ann, sms=False)
    asked = make_one(bob, channel="api")
    claims = queries.with_their_state(Claim.objects.all())
    assert incidents.questions_of(claims) == [
        "terms", "activation-complete", "api-misuse", "third-party",
    ]  # fmt: skip

    withdrawal.withdraw_claim(claim_id=asked.pk, by=bob, now=timezone.now())

    assert incidents.questions_of(claims.all()) == ["terms", "third-party"]
