from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from claims.actions.review import assignment, conversation, leases, repairs
from claims.models import Claim, Lease
from tests.makers import make_claim, make_lease, make_order, newest_event

HOUR = timedelta(hours=1)


def take_next(by, *, now=None, leaving=None):
    return leases.take_next(by=by, now=now or timezone.now(), leaving=leaving)


def filed(customer, *, ago, **words):
    now = timezone.now() - ago
    return make_claim(make_order(customer, purchased_at=now - HOUR), now=now, **words)


def test_what_is_due_first_is_taken_first(ann, sue):
    filed(ann, ago=HOUR)
    oldest = filed(ann, ago=3 * HOUR)

    claim = take_next(sue)

    lease = Lease.objects.get()
    assert claim == oldest
    assert (lease.claim_id, lease.holder) == (oldest.pk, sue)


def test_of_two_that_are_due_at_once_the_older_one_is_taken(ann, sue):
    at = timezone.now() - HOUR
    first, second = (make_claim(make_order(ann, purchased_at=at - HOUR), now=at) for _ in range(2))

    assert first.due_at == second.due_at
    assert [take_next(sue), take_next(sue), take_next(sue)] == [first, second, None]


def test_a_defect_comes_when_its_five_days_are_nearly_over(ann, sue):
    defect = filed(ann, ago=timedelta(days=4), kind="major_defect")
    fresh = filed(ann, ago=HOUR)

    assert defect.due_at == defect.filed_at + timedelta(days=5)
    assert fresh.due_at == fresh.filed_at + timedelta(hours=24)
    assert take_next(sue) == fresh


def test_two_reviewers_get_two_claims(ann, sue, max_):
    for _ in range(2):
        make_claim(make_order(ann))

    assert take_next(sue) != take_next(max_)
    assert Lease.objects.count() == 2


def test_leaving_a_claim_gives_it_back_and_takes_another(ann, sue, max_):
    first, second = (filed(ann, ago=ago) for ago in (2 * HOUR, HOUR))
    take_next(sue)

    assert take_next(sue, leaving=first.pk) == second
    assert take_next(max_) == first


def test_a_lease_ends_by_itself(ann, sue, max_, settings):
    claim, now = make_claim(make_order(ann)), timezone.now()
    take_next(sue, now=now)
    end = now + timedelta(minutes=settings.LEASE_MINUTES)

    assert take_next(max_, now=end - timedelta(microseconds=1)) is None
    assert take_next(max_, now=end) == claim
    assert Lease.objects.get().holder == max_


def test_what_is_assigned_to_someone_else_is_not_taken(ann, sue, max_):
    claim = make_claim(make_order(ann))
    assignment.assign(claim_ids=[claim.pk], to=max_, by=sue, now=timezone.now())

    assert take_next(sue) is None
    assert take_next(max_) == claim


def test_of_ones_own_and_the_free_ones_the_more_urgent_is_taken(ann, sue):
    mine, free = filed(ann, ago=HOUR), filed(ann, ago=2 * HOUR)
    assignment.assign(claim_ids=[mine.pk], to=sue, by=sue, now=timezone.now())

    assert [take_next(sue), take_next(sue)] == [free, mine]


def test_nobody_is_given_a_claim_of_their_own(sue, max_):
    claim = make_claim(make_order(sue))

    assert take_next(sue) is None
    assert take_next(max_) == claim


def test_what_waits_for_the_customer_is_not_taken(ann, sue):
    claim = make_claim(make_order(ann))
    make_lease(claim, sue)
    conversation.ask_for_evidence(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), note="A video?", now=timezone.now()
    )

    assert take_next(sue) is None


def test_a_repair_comes_back_when_its_time_is_over(ann, sue):
    claim = filed(ann, ago=timedelta(days=4), kind="major_defect")
    make_lease(claim, sue)
    repairs.start_repair(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), note="", now=timezone.now()
    )

    assert take_next(sue) is None
    assert take_next(sue, now=claim.due_at) == claim


def test_who_does_not_decide_claims_takes_none(ann, rita, otto):
    make_claim(make_order(ann))

    for person in (rita, otto, ann):
        with pytest.raises(PermissionDenied):
            take_next(person)
    assert not Lease.objects.exists()


def test_the_first_claim_is_found_without_reading_the_others(ann, sue, django_assert_num_queries):
    for _ in range(3):
        make_claim(make_order(ann))
    sue.has_perm("claims.review_claim")

    with django_assert_num_queries(5):  # a savepoint and its end, two looks, one lease
        claim = take_next(sue)

    assert claim == Claim.objects.order_by("due_at").first()
