import re
from itertools import product

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from claims import policy
from claims.models import Claim, Order, Upload
from claims.models.claim_code import new_code
from claims.models.statuses import TRANSITIONS
from tests.makers import make_claim, make_order

STATUSES = [status.value for status in Claim.Status]


def move(claim, before, after):
    """Put the claim at `before` behind the triggers' back, then move it in plain SQL."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE claims_claim DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE claims_claim SET status = %s, closed_at = %s, asked_at = now() WHERE id = %s",
            [before, None if before in Claim.OPEN else timezone.now(), claim.pk],
        )
        cursor.execute("ALTER TABLE claims_claim ENABLE TRIGGER USER")
        cursor.execute(
            "UPDATE claims_claim SET status = %s, closed_at = %s, asked_at = now() WHERE id = %s",
            [after, None if after in Claim.OPEN else timezone.now(), claim.pk],
        )


@pytest.mark.parametrize(
    ("before", "after"), [pair for pair in product(STATUSES, STATUSES) if pair[0] != pair[1]]
)
def test_the_database_allows_only_the_moves_of_the_table(before, after, ann):
    claim = make_claim(make_order(ann))

    if (before, after) in TRANSITIONS:
        move(claim, before, after)
        claim.refresh_from_db()
        assert claim.status == after
    else:
        with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
            move(claim, before, after)


def test_final_statuses_have_no_way_out_but_for_a_rejection_and_a_repair():
    final = set(STATUSES) - set(Claim.OPEN)

    reopened = [("repaired", "submitted"), ("rejected", "submitted")]

    assert (
        final
        == set(Claim.FINAL)
        == {
            "refunded",
            "replaced",
            "repaired",
            "rejected",
            "withdrawn",
        }
    )
    assert [pair for pair in TRANSITIONS if pair[0] in final] == reopened


def test_what_was_filed_stays_as_it_was(ann):
    claim = make_claim(make_order(ann))

    with pytest.raises(DatabaseError, match="Cannot update rows"), transaction.atomic():
        Claim.objects.filter(pk=claim.pk).update(reason="Something else entirely, much later.")
    claim.refresh_from_db()

    assert claim.reason.startswith("The code never arrived")


def test_a_closed_claim_has_a_time(ann):
    claim = make_claim(make_order(ann))

    with pytest.raises(IntegrityError, match="closed_claim_has_a_time"), transaction.atomic():
        Claim.objects.filter(pk=claim.pk).update(status="rejected")


def test_one_order_has_one_live_claim(ann):
    claim = make_claim(make_order(ann))

    with pytest.raises(IntegrityError, match="one_live_claim_per_order"), transaction.atomic():
        Claim.objects.create(
            order=claim.order,
            kind="major_defect",
            terms_version="2026-04-01",
            filed_at=timezone.now(),
        )


def test_codes_are_unguessable_and_easy_to_read_aloud():
    codes = {new_code() for _ in range(2000)}

    assert len(codes) == 2000
    assert all(re.fullmatch(r"CLM(-[0-9A-HJKMNP-TV-Z]{4}){3}", code) for code in codes)


def test_the_models_and_the_policy_use_the_same_words():
    pairs = [
        (Claim.Kind, policy.Kind),
        (Order.Product, policy.Product),
        (Order.Channel, policy.Channel),
        (Order.Activation, policy.Activation),
        (Upload.Kind, policy.Proof),
    ]

    for choices, words in pairs:
        assert {choice.value for choice in choices} == {word.value for word in words}


def test_proof_counts_once_a_worker_has_accepted_it(ann):
    order = make_order(ann, sms=True)
    claim = make_claim(order, kind="invalid_number", proofs=("screenshot",), state="waiting")
    assert claim.proofs() == frozenset()
    assert [finding.clause for finding in claim.assess().failed] == ["proof"]

    upload = claim.evidence.get().upload
    upload.state = "accepted"
    upload.inspected_at = timezone.now()
    upload.save()

    assert claim.proofs() == {"screenshot"}
    assert claim.assess().eligible
