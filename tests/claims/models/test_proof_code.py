import dataclasses

import pytest
from django.db import DatabaseError, transaction

from claims.models import Claim
from claims.models.proof_code import LENGTH, PROOF_ALPHABET, proof_code_for
from claims.policy import Facts
from tests.makers import make_claim, make_order


def test_an_order_has_one_code_and_another_order_another(ann):
    order, other = make_order(ann), make_order(ann)

    assert order.proof_code == type(order).objects.get(pk=order.pk).proof_code
    assert order.proof_code != other.proof_code


def test_the_same_order_id_of_another_customer_has_another_code():
    assert proof_code_for(shop_id="A-1", customer_id=1) != proof_code_for(
        shop_id="A-1", customer_id=2
    )


def test_a_code_is_five_characters_that_a_hand_can_write_and_no_word():
    codes = {proof_code_for(shop_id=f"A-{serial}", customer_id=1) for serial in range(2000)}

    assert {len(code) for code in codes} == {LENGTH}
    assert set("".join(codes)) == set(PROOF_ALPHABET)
    assert not set("AEIOU01LZ2S5G8BV") & set(PROOF_ALPHABET)
    assert len(codes) > 1990


@pytest.mark.parametrize(
    ("kind", "proofs", "has_code"),
    [
        ("invalid_number", ("screenshot",), True),
        ("major_defect", ("screenshot",), False),
        ("major_defect", (), False),
    ],
)
def test_a_claim_keeps_the_code_of_its_order_where_proof_is_required(ann, kind, proofs, has_code):
    order = make_order(ann, completed=True)

    claim = make_claim(order, kind=kind, proofs=proofs)

    assert claim.proof_code == (order.proof_code if has_code else "")


def test_a_second_claim_on_an_order_has_the_same_code(ann):
    order = make_order(ann, completed=True)
    first = make_claim(order, kind="invalid_number", proofs=("screenshot",))
    first.close(Claim.Status.WITHDRAWN, at=first.filed_at)

    second = make_claim(order, kind="invalid_number", proofs=("screenshot",))

    assert second.proof_code == first.proof_code


def test_what_the_customer_was_told_outlives_a_new_secret_key(ann, settings):
    order = make_order(ann, completed=True)
    claim = make_claim(order, kind="invalid_number", proofs=("screenshot",))
    told = claim.proof_code

    settings.SECRET_KEY = "another key than before"

    claim.refresh_from_db()
    assert claim.proof_code == told != order.proof_code


def test_the_database_never_lets_it_change(ann):
    claim = make_claim(make_order(ann, completed=True), kind="invalid_number", proofs=("video",))

    with (
        pytest.raises(DatabaseError, match="keeps_what_was_filed"),
        transaction.atomic(),
    ):
        Claim.objects.filter(pk=claim.pk).update(proof_code="XXXXX")


def test_the_policy_knows_nothing_of_it():
    """The code is advice, never a condition: a fact that the policy doesn't see can't decide."""
    assert not [field.name for field in dataclasses.fields(Facts) if "code" in field.name]
