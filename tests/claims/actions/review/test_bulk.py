from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import CreditAccount
from claims import queries
from claims.actions.customer import withdrawal
from claims.actions.review import assignment, bulk, decisions
from claims.actions.review.bulk import BulkAction, BulkRequest
from claims.models import Claim, Decision, Event, Lease, Message
from tests.makers import make_claim, make_lease, make_order, newest_event
from tests.reviewing import ask_for_evidence

ASK = BulkRequest(step=BulkAction.ASK, note="Please send a screenshot.")
REJECT = BulkRequest(step=BulkAction.REJECT, clause="server-side", note="It was sent.")


def claims_of(*customers, **fields):
    return [make_claim(make_order(customer, sms=True, **fields)) for customer in customers]


def seen_now(claims):
    return {claim.pk: newest_event(claim) for claim in claims}


def carry_out(wanted, claims, *, by, seen=None):
    """Return the reason why each claim was left, in the order of the claims."""
    done = bulk.carry_out(wanted=wanted, picked=seen or seen_now(claims), by=by, clock=timezone.now)
    assert [each.claim_id for each in done] == [claim.pk for claim in claims]
    for claim in claims:
        claim.refresh_from_db()
    return [each.left for each in done]


def foresee(wanted, claims, *, by, seen=None):
    read = queries.with_their_state(Claim.objects.filter(pk__in=[claim.pk for claim in claims]))
    told = bulk.foresee(
        read.order_by("pk"),
        wanted=wanted,
        seen=seen or seen_now(claims),
        by=by,
        now=timezone.now(),
    )
    return [(each.will, each.left) for each in told]


def test_claims_are_assigned_one_by_one(ann, bob, sue, max_):
    claims = claims_of(ann, bob)

    assert carry_out(BulkRequest(step=BulkAction.ASSIGN, to=sue), claims, by=max_) == ["", ""]

    assert [claim.assignee for claim in claims] == [sue, sue]
    events = Event.objects.filter(kind=Event.Kind.ASSIGNED)
    assert {event.actor for event in events} == {max_}
    assert events.count() == 2


def test_assigning_leaves_what_is_closed_or_theirs_or_was_given_away_meanwhile(ann, sue, max_):
    closed, theirs, given, free = claims = claims_of(ann, ann, ann, ann)
    withdrawal.withdraw_claim(claim_id=closed.pk, by=ann, now=timezone.now())
    assignment.assign(claim_ids=[theirs.pk], to=sue, by=max_, now=timezone.now())
    seen = seen_now(claims)
    assignment.assign(claim_ids=[given.pk], to=max_, by=max_, now=timezone.now())

    left = carry_out(BulkRequest(step=BulkAction.ASSIGN, to=sue), claims, by=sue, seen=seen)

    assert "This claim is closed" in left[0]
    assert left[1:] == ["It is assigned to Sue already.", "Max has assigned it meanwhile.", ""]
    assert (closed.assignee, given.assignee, free.assignee) == (None, max_, sue)


def test_claims_become_nobodys(ann, sue):
    claims = claims_of(ann)
    assignment.assign(claim_ids=[claims[0].pk], to=sue, by=sue, now=timezone.now())

    assert carry_out(BulkRequest(step=BulkAction.ASSIGN), claims, by=sue) == [""]

    assert claims[0].assignee is None


def test_nobody_is_assigned_who_decides_no_claims(ann, sue, otto):
    claims = claims_of(ann)

    with pytest.raises(ValidationError) as refused:
        carry_out(BulkRequest(step=BulkAction.ASSIGN, to=otto), claims, by=sue)

    assert refused.value.code == "assignee"
    assert claims[0].assignee is None


def test_each_customer_is_asked_and_no_lease_stays(ann, bob, sue):
    claims = claims_of(ann, bob)

    assert carry_out(ASK, claims, by=sue) == ["", ""]

    assert {claim.status for claim in claims} == {Claim.Status.WAITING_CUSTOMER}
    assert Message.objects.filter(body=ASK.note).count() == 2
    assert not Lease.objects.exists()


def test_each_claim_is_rejected_with_a_decision_of_its_own(ann, bob, sue):
    claims = claims_of(ann, bob)

    assert carry_out(REJECT, claims, by=sue) == ["", ""]

    assert {claim.status for claim in claims} == {Claim.Status.REJECTED}
    for decision in Decision.objects.all():
        assert (decision.clause, decision.note, decision.by) == ("server-side", REJECT.note, sue)
        assert decision.answers == {"server-side": "failed"}
    assert Decision.objects.count() == 2


def test_a_conflict_with_the_terms_names_the_section(ann, sue):
    claims = claims_of(ann)
    wanted = BulkRequest(
        step=BulkAction.REJECT, clause="terms", terms_section="4.2", note="See 4.2."
    )

    assert carry_out(wanted, claims, by=sue) == [""]

    assert Decision.objects.get().terms_section == "4.2"


def test_what_cannot_be_rejected_is_left_and_the_others_go_on(ann, bob, sue, max_):
    own, leased, closed, other_kind, good = claims = [
        *claims_of(sue, ann, ann),
        make_claim(make_order(ann), kind="major_defect"),
        *claims_of(bob),
    ]
    make_lease(leased, max_)
    withdrawal.withdraw_claim(claim_id=closed.pk, by=ann, now=timezone.now())

    left = carry_out(REJECT, claims, by=sue)

    assert left[0] == "Nobody decides a claim of their own."
    assert left[1].startswith("Max has been working on this claim since ")
    assert "This claim is closed" in left[2]
    assert left[3] == "The clause is no ground to reject this claim."
    assert left[4] == ""
    assert [claim.is_open for claim in claims] == [True, True, False, True, False]
    assert Decision.objects.get().claim == good
    assert Lease.objects.get().holder == max_
    assert own.status == other_kind.status == Claim.Status.SUBMITTED


@pytest.mark.parametrize("wanted", [ASK, REJECT])
def test_what_has_moved_on_is_left_and_given_back(wanted, ann, sue):
    moved, other = claims = claims_of(ann, ann)
    seen = seen_now(claims)
    Event.objects.create(
        kind="evidence_added", order=moved.order, claim=moved, at=timezone.now(), actor=ann
    )

    left = carry_out(wanted, claims, by=sue, seen=seen)

    assert "Evidence added (Ann" in left[0]
    assert left[1] == ""
    assert moved.status == Claim.Status.SUBMITTED
    assert other.status != Claim.Status.SUBMITTED
    assert not Lease.objects.exists()


def test_a_claim_that_the_reviewer_had_open_stays_with_them_when_it_is_left(ann, sue):
    claims = claims_of(ann)
    seen = seen_now(claims)
    make_lease(claims[0], sue)
    Event.objects.create(
        kind="evidence_added", order=claims[0].order, claim=claims[0], at=timezone.now(), actor=ann
    )

    carry_out(REJECT, claims, by=sue, seen=seen)

    assert Lease.objects.get().holder == sue


def test_what_nobody_foresaw_is_raised_and_nothing_of_it_stays(ann, sue, monkeypatch):
    first, second = claims = claims_of(ann, ann)
    real, calls = decisions.tell_customer, []

    def breaks(event):
        calls.append(event)
        if len(calls) == 2:
            raise OSError("The disk is full.")
        real(event)

    monkeypatch.setattr(decisions, "tell_customer", breaks)
    with pytest.raises(OSError, match="full"):
        carry_out(REJECT, claims, by=sue)

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == (Claim.Status.REJECTED, Claim.Status.SUBMITTED)
    assert Decision.objects.get().claim == first
    assert not Lease.objects.exists()


@pytest.mark.parametrize("who", ["rita", "otto", "ann"])
@pytest.mark.parametrize("step", ["assign", "ask", "reject"])
def test_who_decides_no_claims_does_nothing_with_many(who, step, ann, request):
    claims = claims_of(ann)
    wanted = BulkRequest(step=BulkAction(step), note="No.", clause="server-side")

    with pytest.raises(PermissionDenied):
        carry_out(wanted, claims, by=request.getfixturevalue(who))

    claims[0].refresh_from_db()
    assert claims[0].status == Claim.Status.SUBMITTED


def test_more_than_a_page_at_once_is_refused(ann, sue, monkeypatch):
    monkeypatch.setattr(bulk, "MOST_AT_ONCE", 1)
    claims = claims_of(ann, ann)

    with pytest.raises(ValidationError) as refused:
        carry_out(ASK, claims, by=sue)

    assert refused.value.code == "claims"
    assert not Message.objects.exists()


@pytest.mark.parametrize("step", ["assign", "ask", "reject"])
def test_what_is_foreseen_for_many_is_what_happens(step, ann, bob, sue, max_):
    wanted = BulkRequest(step=BulkAction(step), to=sue, note="See.", clause="server-side")
    claims = [
        *claims_of(sue, ann, ann, bob),
        make_claim(make_order(ann), kind="major_defect"),
        *claims_of(bob),
    ]
    make_lease(claims[1], max_)
    withdrawal.withdraw_claim(claim_id=claims[2].pk, by=ann, now=timezone.now())
    assignment.assign(claim_ids=[claims[3].pk], to=sue, by=max_, now=timezone.now())
    ask_for_evidence(
        claim_id=claims[5].pk, by=max_, seen=newest_event(claims[5]), note="?", now=timezone.now()
    )

    foreseen = foresee(wanted, claims, by=sue)
    left = carry_out(wanted, claims, by=sue)

    assert [bool(why) for _, why in foreseen] == [bool(why) for why in left]
    assert any(left)
    assert not all(left)
    assert all(bool(will) != bool(why) for will, why in foreseen)
    assert CreditAccount.objects.get(owner=ann).balance == Decimal(0)


@pytest.mark.parametrize("step", ["assign", "ask", "reject"])
def test_what_has_moved_on_is_foreseen_to_be_left(step, ann, sue, max_):
    wanted = BulkRequest(step=BulkAction(step), to=sue, note="See.", clause="server-side")
    claims = claims_of(ann, ann)
    seen = seen_now(claims)
    if step == "assign":
        assignment.assign(claim_ids=[claims[0].pk], to=max_, by=max_, now=timezone.now())
    else:
        ask_for_evidence(
            claim_id=claims[0].pk, by=max_, seen=seen[claims[0].pk], note="?", now=timezone.now()
        )

    foreseen = foresee(wanted, claims, by=sue, seen=seen)
    left = carry_out(wanted, claims, by=sue, seen=seen)

    assert [bool(why) for _, why in foreseen] == [bool(why) for why in left] == [True, False]


def test_what_will_happen_is_told_in_words(ann, sue):
    claims = claims_of(ann)
    told = [
        foresee(wanted, claims, by=sue)[0][0]
        for wanted in (
            BulkRequest(step=BulkAction.ASSIGN, to=sue),
            BulkRequest(step=BulkAction.ASSIGN),
            ASK,
            REJECT,
        )
    ]

    assert told == [
        "will be assigned to Sue",
        "",
        "will wait for the customer, who gets your note",
        "will be rejected: A cause on our side",
    ]


def test_foreseeing_many_asks_as_much_as_for_one(ann, sue):
    def asked(claims):
        seen = seen_now(claims)
        with CaptureQueriesContext(connection) as queried:
            foresee(REJECT, claims, by=sue, seen=seen)
        return len(queried)

    one = asked(claims_of(ann))

    assert asked(claims_of(ann, ann, ann)) == one
