"""The columns of a claim by which an index of the queue finds it."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from claims.actions.core import claim_columns
from claims.actions.customer.evidence import add_evidence
from claims.actions.orders import late_sms
from claims.actions.uploads import repeats
from claims.models import Claim, Fingerprint
from tests.makers import make_claim, make_order, make_upload


def test_a_claim_copies_what_the_shop_sold(ann):
    order = make_order(ann, service="telegram", channel="api", country="FR", price="5.01")

    claim = make_claim(order)

    assert (claim.service, claim.channel, claim.country) == ("telegram", "api", "FR")
    assert (claim.supplier, claim.price_band) == ("north", 2)


@pytest.mark.parametrize(
    ("price", "band"),
    [("0.01", 0), ("1.00", 0), ("1.01", 1), ("5.00", 1), ("20.00", 2), ("20.01", 3)],
)
def test_prices_fall_into_bands(price, band, ann):
    assert make_claim(make_order(ann, price=price)).price_band == band
    assert Decimal(price) > 0


@pytest.mark.parametrize(
    ("proofs", "shown"),
    [
        ((), ""),
        (("screenshot",), "pictures"),
        (("video",), "videos"),
        (("screenshot", "video"), "both"),
    ],
)
def test_a_claim_says_what_kinds_of_evidence_it_shows(proofs, shown, ann):
    make_claim(make_order(ann), proofs=proofs)

    assert Claim.objects.get().shown == shown


def test_evidence_that_is_added_counts_and_what_is_gone_does_not(ann):
    claim = make_claim(make_order(ann))
    upload = make_upload(claim.order, state="accepted")
    add_evidence(
        claim_id=claim.pk, by=ann, uploads=[upload.token], message="", submission=uuid4(),
        now=timezone.now(),
    )  # fmt: skip
    claim.refresh_from_db()
    assert claim.shown == "pictures"

    upload.__class__.objects.update(state="removed", removed_at=timezone.now())
    claim_columns.refresh(claim)

    assert Claim.objects.get().shown == ""


def test_an_sms_that_the_shop_reports_makes_an_open_claim_fail(ann):
    order = make_order(ann, activation="banned")
    claim = make_claim(order)
    assert not claim.is_failing

    late_sms.report_sms(order_id=order.pk, received_at=timezone.now(), now=timezone.now())
    order.refresh_from_db()
    order.activation, order.completed_at = "completed", timezone.now()
    order.save()
    claim_columns.refresh_open_claims([order])

    assert Claim.objects.get().is_failing


def alike(claim, bits):
    upload = claim.evidence.get().upload
    Fingerprint.of(upload, position=0, bits=bits).save()


def test_two_claims_that_show_the_same_are_both_marked(ann, bob, run_jobs):
    first, second, other = (
        make_claim(make_order(who), proofs=("screenshot",)) for who in (ann, bob, bob)
    )
    for claim, bits in ((first, "f0" * 32), (second, "f0" * 32), (other, "0f" * 32)):
        alike(claim, bits)
    # A file with the same bytes is the same evidence, too.
    for number, claim in enumerate((first, second, other)):
        claim.evidence.get().upload.__class__.objects.filter(evidence__claim=claim).update(
            sha256=str(number) * 64
        )

    assert repeats.mark_repeats(claim_id=second.pk) == 2
    assert repeats.mark_repeats(claim_id=second.pk) == 0

    marked = Claim.objects.filter(is_repeated=True)
    assert set(marked) == {first, second}


def test_accepted_evidence_is_looked_for_by_a_worker(ann, run_jobs):
    first = make_claim(make_order(ann), proofs=("screenshot",))
    second = make_claim(make_order(ann), proofs=("screenshot",))

    assert "claims.look_for_repeats" in run_jobs()

    assert set(Claim.objects.filter(is_repeated=True)) == {first, second}


def test_what_is_due_depends_on_the_kind(ann, settings):
    settings.DECISION_HOURS = 6
    now = timezone.now()

    claim = make_claim(make_order(ann), now=now)
    defect = make_claim(make_order(ann), kind="major_defect", now=now)

    assert claim.due_at == now + timedelta(hours=6)
    assert defect.due_at == now + timedelta(days=5)
