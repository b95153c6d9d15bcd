"""Flags on customers, and refunds that were paid wrongly."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.models import CreditTransfer
from claims.actions.review import flags
from claims.models import CustomerFlag, Event, Notice, Webhook, WrongPayment
from tests.makers import ANSWERS, make_claim, make_order, newest_event
from tests.reviewing import approve

NOW = timezone.now()


@pytest.fixture
def refunded(ann, sue):
    claim = make_claim(make_order(ann))
    approve(claim_id=claim.pk, by=sue, seen=newest_event(claim), answers=ANSWERS, note="", now=NOW)
    claim.refresh_from_db()
    return claim


def flag(claim, by, *, reason="Sold three numbers twice.", until=None):
    return flags.flag_customer(claim_id=claim.pk, by=by, reason=reason, until=until, now=NOW)


def mark(claim, by, *, reason="The proof was of another number."):
    return flags.mark_wrongly_paid(claim_id=claim.pk, by=by, reason=reason, now=NOW)


def code_of(act, *args, **words):
    with pytest.raises(ValidationError) as refused:
        act(*args, **words)
    return refused.value.code


def test_a_flag_is_in_the_story_for_staff_alone(ann, sue):
    claim = make_claim(make_order(ann))
    notices = Notice.objects.count()

    made = flag(claim, sue)

    event = claim.events.latest("pk")
    assert (made.customer, made.by, made.until) == (ann, sue, None)
    assert (event.kind, event.data["reason"]) == ("flagged", "Sold three numbers twice.")
    assert event.kind in Event.INTERNAL
    assert Notice.objects.count() == notices


def test_a_flag_needs_a_reason_and_an_end_in_the_future(ann, sue):
    claim = make_claim(make_order(ann))

    assert code_of(flag, claim, sue, reason="  ") == "note"
    assert code_of(flag, claim, sue, until=NOW) == "until"
    assert not CustomerFlag.objects.exists()


def test_a_flag_ends_by_itself_or_when_it_is_lifted(ann, sue, max_):
    claim = make_claim(make_order(ann))
    short = flag(claim, sue, until=NOW + timedelta(days=1))
    long = flag(claim, sue)

    assert set(CustomerFlag.objects.raised(now=NOW)) == {short, long}
    assert set(CustomerFlag.objects.raised(now=NOW + timedelta(days=1))) == {long}
    flags.lift_flag(claim_id=claim.pk, flag_id=long.pk, by=max_, now=NOW)
    assert set(CustomerFlag.objects.raised(now=NOW)) == {short}
    assert claim.events.latest("pk").kind == "flag_lifted"


def test_lifting_again_changes_nothing(ann, sue, max_):
    claim = make_claim(make_order(ann))
    made = flag(claim, sue)
    for _ in range(2):
        flags.lift_flag(claim_id=claim.pk, flag_id=made.pk, by=max_, now=NOW)

    assert claim.events.filter(kind="flag_lifted").count() == 1


def test_support_flags_and_lifts_nothing(ann, sue):
    claim = make_claim(make_order(ann))
    made = flag(claim, sue)

    with pytest.raises(PermissionDenied):
        flags.lift_flag(claim_id=claim.pk, flag_id=made.pk, by=sue, now=NOW)


def test_the_flag_of_another_customer_is_not_lifted(ann, bob, sue, max_):
    other = flag(make_claim(make_order(bob)), sue)
    claim = make_claim(make_order(ann))

    words = {"claim_id": claim.pk, "flag_id": other.pk, "by": max_, "now": NOW}
    assert code_of(flags.lift_flag, **words) == "flag"


def test_a_wrongly_paid_refund_flags_the_customer_tells_the_shop_and_moves_nothing(
    refunded, ann, max_, settings
):
    settings.SHOP_URL = "https://shop.example/events"
    transfers = CreditTransfer.objects.count()

    made = mark(refunded, max_)

    told = Webhook.objects.get(type="refund.wrongly_paid")
    assert CreditTransfer.objects.count() == transfers
    assert (made.decision, made.by) == (refunded.decision, max_)
    assert told.data == {
        "order_id": refunded.order.shop_id,
        "claim": refunded.code,
        "amount": "2.50",
        "currency": "EUR",
        "reason": "The proof was of another number.",
    }
    assert CustomerFlag.objects.get().customer == ann
    assert [e.kind for e in refunded.events.order_by("pk")][-2:] == ["wrongly_paid", "flagged"]


def test_a_refund_is_marked_once_by_a_supervisor_with_a_reason(refunded, sue, max_):
    with pytest.raises(PermissionDenied):
        mark(refunded, sue)
    assert code_of(mark, refunded, max_, reason="") == "note"
    mark(refunded, max_)
    assert code_of(mark, refunded, max_) == "wrongly-paid"
    assert WrongPayment.objects.count() == 1


def test_what_was_not_refunded_cannot_have_been_paid_wrongly(ann, max_):
    assert code_of(mark, make_claim(make_order(ann)), max_) in ("closed", "status")


@pytest.mark.parametrize("change", [{"reason": "x"}, {"until": NOW}, {"lifted_at": None}])
def test_the_database_keeps_a_lifted_flag_as_it_is(ann, sue, max_, change):
    claim = make_claim(make_order(ann))
    made = flag(claim, sue)
    flags.lift_flag(claim_id=claim.pk, flag_id=made.pk, by=max_, now=NOW)

    with pytest.raises(DatabaseError), transaction.atomic():
        CustomerFlag.objects.update(**change)


def test_the_database_keeps_a_wrong_payment(refunded, max_):
    mark(refunded, max_)

    with pytest.raises(DatabaseError), transaction.atomic():
        WrongPayment.objects.all().delete()
