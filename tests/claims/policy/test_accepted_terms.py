from claims.policy import Terms


def test_a_claim_without_accepted_terms_fails(outcomes_of):
    assert outcomes_of(terms_accepted=False)["terms"] == "failed"


def test_whether_the_claim_conflicts_with_a_term_is_for_the_reviewer(outcomes_of):
    assert outcomes_of(terms_accepted=True)["terms"] == "for_reviewer"


def test_the_message_names_the_version_to_accept(message_of):
    terms = Terms(version="2027-01-15")
    assert "version 2027-01-15" in message_of("terms", terms=terms, terms_accepted=False)
