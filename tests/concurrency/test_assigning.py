"""A claim is assigned while another action holds its order."""

import threading

from django.db import transaction
from django.utils import timezone

from claims.actions.core import locks
from claims.actions.review import assignment
from claims.models import Claim
from tests.concurrency.racing import Outcome, errors, race, someone_waits
from tests.makers import make_claim, make_order
from tests.processes import wait_until


def meet(claim, sue, max_) -> list[Outcome]:
    """An action locks the order; only when the assignment waits for it does it lock the claim."""
    held = threading.Event()

    @transaction.atomic
    def decide() -> None:
        order = locks.lock_order(claim.order_id)
        held.set()
        wait_until(someone_waits)
        locks.lock_claim_on(order, claim.pk)

    def assign() -> list[Claim]:
        held.wait()
        return assignment.assign(claim_ids=[claim.pk], to=sue, by=max_, now=timezone.now())

    return race(decide, assign)


def test_an_assignment_waits_for_the_order_and_not_against_it(ann, sue, max_):
    claim = make_claim(make_order(ann))

    outcomes = meet(claim, sue, max_)

    assert errors(outcomes) == []
    claim.refresh_from_db()
    assert claim.assignee == sue


def test_without_the_order_s_lock_the_two_wait_for_each_other(ann, sue, max_, monkeypatch):
    claim = make_claim(make_order(ann))
    unordered = Claim.objects.select_for_update(of=("self",)).filter(pk=claim.pk)
    monkeypatch.setattr(assignment, "lock_claims", lambda claim_ids: unordered)

    outcomes = meet(claim, sue, max_)

    assert ["deadlock" in str(error) for error in errors(outcomes)] == [True]
