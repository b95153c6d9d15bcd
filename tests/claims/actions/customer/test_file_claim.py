from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from claims.actions.customer.filing import file_claim
from claims.models import Claim, Event, Receipt, Upload
from tests.makers import (
    APRIL,
    REASON,
    make_claim,
    make_order,
    make_top_up_order,
    make_upload,
)


def codes(refused):
    return [error.code for error in refused.value.error_dict["__all__"]]


def file(order, **changes):
    words = {
        "by": order.customer,
        "kind": "sms_not_received",
        "reason": REASON,
        "customer_two_factor": False,
        "terms_accepted": True,
        "uploads": [],
        "submission": uuid4(),
        "now": timezone.now(),
    }
    return file_claim(order_id=order.pk, **(words | changes))


def test_a_claim_is_filed_with_its_receipt_its_event_and_its_notice(ann, run_jobs, mailoutbox):
    order = make_order(ann)

    claim = file(order)

    receipt = claim.receipts.get()
    assert claim.status == Claim.Status.SUBMITTED
    assert claim.code.startswith("CLM-")
    assert claim.terms_version == "2026-04-01"
    assert receipt.occasion == Receipt.Occasion.FILED
    assert receipt.verdict.eligible
    assert receipt.facts["kind"] == "sms_not_received"
    assert receipt.policy_version == order.policy_version
    assert [event.kind for event in claim.events.all()] == [Event.Kind.FILED]
    assert run_jobs() == ["claims.tell_customer"]
    assert mailoutbox[0].to == ["ann@example.com"]
    assert claim.code in mailoutbox[0].subject
    assert f"/claims/{claim.code}/" in mailoutbox[0].body


def test_uploads_become_its_evidence(ann):
    order = make_order(ann, sms=True)
    first, second = make_upload(order), make_upload(order, kind="video", name="clip.mp4")

    claim = file(order, kind="invalid_number", uploads=[first.token, second.token])

    assert [item.upload for item in claim.evidence.all()] == [first, second]
    assert claim.receipts.get().facts["proofs"] == ["screenshot", "video"]


def test_every_clause_that_fails_is_named_at_once(ann):
    order = make_order(ann, service="telegram", two_factor=True, channel="api", sms=True,
                       purchased_at=APRIL)  # fmt: skip

    with pytest.raises(ValidationError) as refused:
        file(order, kind="invalid_number", reason="bad", terms_accepted=False)

    assert codes(refused) == [
        "claim-window", "clear-reason", "terms", "telegram-2fa-api", "proof", "telegram-2fa-video",
    ]  # fmt: skip
    assert not Claim.objects.exists()


def test_a_top_up_is_never_claimed(ann):
    with pytest.raises(ValidationError) as refused:
        file(make_top_up_order(ann))

    assert codes(refused) == ["top-up"]


def test_the_last_microsecond_is_in_time_and_the_deadline_is_late(ann):
    order = make_order(ann, purchased_at=APRIL)
    assert order.claims_close_at.isoformat() == "2026-04-07T00:00:00+00:00"

    with pytest.raises(ValidationError) as refused:
        file(order, now=order.claims_close_at)
    claim = file(order, now=order.claims_close_at - timedelta(microseconds=1))

    assert codes(refused) == ["claim-window"]
    assert claim.status == Claim.Status.SUBMITTED


def test_the_customers_word_makes_it_a_two_factor_number(ann):
    order = make_order(ann, service="telegram", sms=True)
    picture = make_upload(order)

    with pytest.raises(ValidationError) as refused:
        file(order, kind="invalid_number", customer_two_factor=True, uploads=[picture.token])

    assert codes(refused) == ["telegram-2fa-video"]


def test_the_same_form_again_finds_the_same_claim(ann):
    order = make_order(ann)
    submission = uuid4()

    first = file(order, submission=submission)
    second = file(order, submission=submission)

    assert first == second
    assert Claim.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": "Something quite different now."},
        {"kind": "major_defect"},
        {"customer_two_factor": True},
        {"uploads": ["another"]},
    ],
)
def test_the_same_form_with_other_content_is_refused_and_names_the_claim(ann, changes):
    order = make_order(ann)
    submission = uuid4()
    first = file(order, submission=submission)

    with pytest.raises(ValidationError, match=first.code) as refused:
        file(order, submission=submission, **changes)

    assert refused.value.code == "submission"
    assert Claim.objects.get().reason == REASON


def test_a_second_claim_waits_for_the_end_of_the_first(ann):
    order = make_order(ann)
    file(order)

    with pytest.raises(ValidationError) as refused:
        file(order)

    assert codes(refused) == ["one-live-claim"]


def test_files_of_another_order_or_person_are_not_taken(ann, bob):
    order = make_order(ann)
    elsewhere = make_upload(make_order(ann))
    foreign = make_upload(make_order(bob))

    for upload in (elsewhere, foreign):
        with pytest.raises(ValidationError) as refused:
            file(order, uploads=[upload.token])
        assert refused.value.code == "files"
    assert not Claim.objects.exists()


def test_a_refused_file_is_not_taken(ann):
    order = make_order(ann, sms=True)
    broken = make_upload(order, state=Upload.State.REFUSED)

    with pytest.raises(ValidationError) as refused:
        file(order, kind="invalid_number", uploads=[broken.token])

    assert refused.value.code == "files"
    assert not Claim.objects.exists()


def test_a_claim_keeps_to_the_version_that_its_order_came_under(ann):
    order = make_order(ann)
    version = type(order.policy_version).objects.create(
        name="stricter",
        effective_from=timezone.now() + timedelta(seconds=1),
        terms_version="later",
        reason_min_length=500,
    )

    claim = file(order, now=timezone.now() + timedelta(minutes=1))

    assert claim.receipts.get().policy_version != version
    assert make_claim(make_order(ann)).terms_version == "2026-04-01"


def test_nobody_files_a_claim_on_the_order_of_another(ann, bob):
    with pytest.raises(PermissionDenied):
        file(make_order(ann), by=bob)

    assert not Claim.objects.exists()
