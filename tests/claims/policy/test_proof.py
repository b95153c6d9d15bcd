import pytest

from claims.policy import needs_proof


def test_an_invalid_number_without_proof_fails(outcomes_of):
    assert outcomes_of(kind="invalid_number", proofs=[])["proof"] == "failed"


@pytest.mark.parametrize("proofs", [["screenshot"], ["video"], ["screenshot", "video"]])
def test_whether_the_proof_shows_the_problem_is_for_the_reviewer(outcomes_of, proofs):
    assert outcomes_of(kind="invalid_number", proofs=proofs)["proof"] == "for_reviewer"


@pytest.mark.parametrize("kind", ["sms_not_received", "major_defect", None])
@pytest.mark.parametrize("proofs", [[], ["screenshot", "video"]])
def test_proof_is_welcome_but_not_judged_for_another_kind(outcomes_of, kind, proofs):
    assert "proof" not in outcomes_of(kind=kind, proofs=proofs)


def test_the_message_says_what_to_add(message_of):
    message = message_of("proof", kind="invalid_number")
    assert "add at least one screenshot or video" in message


@pytest.mark.parametrize(
    ("kind", "needed"),
    [("invalid_number", True), ("sms_not_received", False), ("major_defect", False), (None, False)],
)
def test_a_form_can_ask_whether_proof_is_needed(make_facts, kind, needed):
    assert needs_proof(make_facts(kind=kind)) is needed
