"""Leases on a claim: taking, renewing and releasing one, and deciding without one."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from claims.actions.customer.withdrawal import withdraw_claim
from claims.actions.review import conversation, decisions, leases
from claims.models import Claim, Decision, Lease
from tests.makers import ANSWERS, make_claim, make_lease, make_order, newest_event

MINUTE = timedelta(minutes=1)


def approve(claim, by, *, seen=None, now=None):
    return decisions.approve(
        claim_id=claim.pk,
        by=by,
        seen=newest_event(claim) if seen is None else seen,
        answers=ANSWERS,
        note="",
        now=now or timezone.now(),
    )


def refusal(claim, by, **words):
    with pytest.raises(ValidationError) as refused:
        approve(claim, by, **words)
    assert refused.value.code == "lease"
    assert not Decision.objects.exists()
    return refused.value.messages[0]


def test_a_decision_without_a_lease_is_refused(ann, sue):
    assert "Take it again" in refusal(make_claim(make_order(ann)), sue)


def test_a_decision_on_somebody_elses_claim_says_who_has_it(ann, sue, max_):
    claim = make_claim(make_order(ann))
    make_lease(claim, max_)

    said = refusal(claim, sue)

    assert said.startswith("Max has been working on this claim since")
    assert "Nothing else has happened meanwhile." in said


def test_a_decision_after_the_lease_says_what_happened_meanwhile(ann, sue, max_):
    claim, now = make_claim(make_order(ann)), timezone.now()
    lease, seen = make_lease(claim, sue, now=now), newest_event(claim)
    make_lease(claim, max_, now=lease.until)
    conversation.reply(
        claim_id=claim.pk,
        by=max_,
        seen=seen,
        note="One moment, please.",
        now=lease.until + MINUTE,
    )
    leases.release(claim_id=claim.pk, by=max_)

    said = refusal(claim, sue, seen=seen, now=lease.until + 2 * MINUTE)

    assert "Your time for this claim is over" in said
    assert "Meanwhile: Support wrote to the customer (Max" in said


def test_the_last_microsecond_of_a_lease_counts_and_its_end_does_not(ann, sue):
    claim, now = make_claim(make_order(ann)), timezone.now()
    lease = make_lease(claim, sue, now=now)

    refusal(claim, sue, now=lease.until)
    assert approve(claim, sue, now=lease.until - timedelta(microseconds=1))


def test_a_lease_is_renewed_by_its_holder_while_it_lives(ann, sue, max_):
    claim, now = make_claim(make_order(ann)), timezone.now()
    lease = make_lease(claim, sue, now=now)

    assert leases.renew(claim_id=claim.pk, by=max_, now=now + MINUTE) is None
    renewed = leases.renew(claim_id=claim.pk, by=sue, now=now + MINUTE)
    assert renewed.until == lease.until + MINUTE
    assert leases.renew(claim_id=claim.pk, by=sue, now=renewed.until) is None


def test_taking_ones_own_claim_again_keeps_it(ann, sue):
    claim, now = make_claim(make_order(ann)), timezone.now()
    make_lease(claim, sue, now=now)

    assert make_lease(claim, sue, now=now + MINUTE).taken_at == now + MINUTE
    assert Lease.objects.count() == 1


def test_somebody_elses_claim_is_not_taken(ann, sue, max_):
    claim = make_claim(make_order(ann))
    make_lease(claim, max_)

    with pytest.raises(ValidationError) as refused:
        make_lease(claim, sue)

    assert refused.value.code == "lease"
    assert Lease.objects.get().holder == max_


def test_only_the_holder_gives_a_claim_back(ann, sue, max_):
    claim = make_claim(make_order(ann))
    make_lease(claim, max_)

    leases.release(claim_id=claim.pk, by=sue)
    assert Lease.objects.exists()
    leases.release(claim_id=claim.pk, by=max_)
    assert not Lease.objects.exists()


def test_a_closed_claim_is_not_taken(ann, sue):
    claim = make_claim(make_order(ann))
    withdraw_claim(claim_id=claim.pk, by=ann, now=timezone.now())

    with pytest.raises(ValidationError) as refused:
        make_lease(claim, sue)

    assert refused.value.code == "closed"


def test_who_does_not_decide_takes_nothing(ann, otto):
    with pytest.raises(PermissionDenied):
        make_lease(make_claim(make_order(ann)), otto)


def test_a_decision_ends_the_lease(ann, sue):
    claim = make_claim(make_order(ann))
    make_lease(claim, sue)

    approve(claim, sue)

    assert not Lease.objects.exists()
    assert Claim.objects.get().status == Claim.Status.REFUNDED
