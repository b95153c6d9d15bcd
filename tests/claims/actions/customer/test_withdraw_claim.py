import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from claims.actions.customer.withdrawal import withdraw_claim
from claims.models import Claim, Event
from tests.makers import ANSWERS, make_claim, make_order, newest_event
from tests.reviewing import approve


def test_an_open_claim_ends_and_a_new_one_may_follow(ann):
    order = make_order(ann)
    claim = make_claim(order)

    withdraw_claim(claim_id=claim.pk, by=ann, now=timezone.now())

    claim.refresh_from_db()
    assert claim.status == Claim.Status.WITHDRAWN
    assert claim.closed_at is not None
    assert claim.events.last().kind == Event.Kind.WITHDRAWN
    assert make_claim(order).is_open


def test_withdrawing_again_changes_nothing(ann):
    claim = make_claim(make_order(ann))
    first = withdraw_claim(claim_id=claim.pk, by=ann, now=timezone.now())

    second = withdraw_claim(claim_id=claim.pk, by=ann, now=timezone.now())

    assert second.closed_at == first.closed_at
    assert claim.events.filter(kind=Event.Kind.WITHDRAWN).count() == 1


def test_a_decided_claim_is_not_withdrawn(ann, sue):
    claim = make_claim(make_order(ann))
    approve(
        claim_id=claim.pk,
        by=sue,
        seen=newest_event(claim),
        answers=ANSWERS,
        note="",
        now=timezone.now(),
    )

    with pytest.raises(ValidationError) as refused:
        withdraw_claim(claim_id=claim.pk, by=ann, now=timezone.now())

    assert refused.value.code == "closed"


def test_nobody_withdraws_the_claim_of_another(ann, bob):
    claim = make_claim(make_order(ann))

    with pytest.raises(PermissionDenied):
        withdraw_claim(claim_id=claim.pk, by=bob, now=timezone.now())

    claim.refresh_from_db()
    assert claim.is_open
