import pytest

from claims.policy import RULES, Clause, Terms
from claims.wording import explanations, question, title

EXPLANATIONS = explanations(Terms())
FOR_THE_REVIEWER = {
    "terms",
    "activation-complete",
    "server-side",
    "proof",
    "critical-defect",
    "repair",
    "api-misuse",
    "third-party",
}


def test_every_clause_has_a_title_and_an_explanation():
    assert set(EXPLANATIONS) == set(Clause)
    assert all(map(title, Clause))
    assert all(text.endswith(".") for text in EXPLANATIONS.values())


def test_no_two_clauses_share_a_title_or_an_explanation():
    assert len(set(map(title, Clause))) == len(set(EXPLANATIONS.values())) == len(Clause)


def test_exactly_the_clauses_for_a_reviewer_have_a_question():
    for clause in Clause:
        if clause in FOR_THE_REVIEWER:
            assert question(clause).endswith("?")
        else:
            with pytest.raises(KeyError):
                question(clause)


def test_the_rules_run_in_the_order_of_the_clauses():
    assert list(RULES) == list(Clause)


def test_every_rule_is_named_like_its_slug():
    assert {slug: rule.__name__ for slug, rule in RULES.items()} == {
        slug: slug.replace("-", "_") for slug in Clause
    }


def test_explanations_carry_the_numbers_of_their_version():
    texts = explanations(
        Terms(claim_days=9, repair_days=1, reason_min_length=33, time_zone="Europe/Berlin")
    )
    assert "9 days" in texts[Clause.CLAIM_WINDOW]
    assert "Europe/Berlin" in texts[Clause.CLAIM_WINDOW]
    assert "33 characters" in texts[Clause.CLEAR_REASON]
    assert "1 day." in texts[Clause.REPAIR]
