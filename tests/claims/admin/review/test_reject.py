import pytest

from accounts.models import CreditTransfer
from claims.models import Claim, Decision
from tests.claims.admin.deciding import errors_of, press
from tests.makers import make_claim, make_order, newest_event


def test_rejecting_names_the_clause_and_keeps_the_note(ann, sue, browse):
    claim = make_claim(make_order(ann))

    response = press(browse(sue), "reject", claim, clause="server-side", note="It arrived at noon.")

    claim.refresh_from_db()
    decision = Decision.objects.get()
    assert response.status_code == 302
    assert claim.status == Claim.Status.REJECTED
    assert (decision.clause, decision.note) == ("server-side", "It arrived at noon.")
    assert decision.answers["server-side"] == "failed"
    assert not CreditTransfer.objects.filter(kind="return").exists()


def test_a_conflict_with_the_terms_names_the_section(ann, sue, browse):
    claim = make_claim(make_order(ann))
    client = browse(sue)

    without = press(client, "reject", claim, clause="terms", note="It was resold.")
    press(client, "reject", claim, clause="terms", note="It was resold.", terms_section="4.2")

    assert without.status_code == 422
    assert errors_of(without) == ["Name the section of the terms that the claim conflicts with."]
    assert "It was resold." in without.content.decode()
    assert Decision.objects.get().terms_section == "4.2"


@pytest.mark.parametrize("clause", ["", "claim-window", "nonsense", "x" * 40])
def test_only_a_clause_that_fails_or_is_open_is_a_ground(clause, ann, sue, browse):
    claim = make_claim(make_order(ann))

    response = press(browse(sue), "reject", claim, clause=clause, note="No.")

    assert response.status_code == 422
    assert not Decision.objects.exists()


def test_a_rejection_without_a_note_keeps_the_clause(ann, sue, browse):
    claim = make_claim(make_order(ann))

    response = press(browse(sue), "reject", claim, clause="third-party", note="  ")

    assert response.status_code == 422
    assert errors_of(response) == ["Write a note: the customer reads it."]
    assert '<option value="third-party" selected>' in response.content.decode()


def test_a_note_that_is_too_long_is_kept_and_explained(ann, sue, browse):
    claim = make_claim(make_order(ann))

    response = press(browse(sue), "reject", claim, clause="third-party", note="long " * 900)

    assert response.status_code == 422
    assert "at most 4000 characters" in errors_of(response)[0]
    assert "long long long" in response.content.decode()
    assert not Decision.objects.exists()


def test_a_claim_that_was_approved_meanwhile_is_not_rejected(ann, sue, max_, browse):
    claim = make_claim(make_order(ann))
    seen = newest_event(claim)
    press(browse(sue), "approve", claim)

    response = press(browse(max_), "reject", claim, seen=seen, clause="terms", note="No.")

    assert response.status_code == 409
    assert "By Sue on" in response.content.decode()
    assert Decision.objects.get().outcome == Decision.Outcome.REFUND
