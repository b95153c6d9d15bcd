from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils import timezone

from claims.policy import Clause, Finding, Outcome
from claims.wording import refusals, sentence

LATE = Finding(
    Clause.CLAIM_WINDOW, Outcome.FAILED, {"closes_at": "2026-04-07T00:00:00+00:00", "days": 1}
)


def test_the_numbers_and_instants_of_a_finding_are_put_into_words():
    assert sentence(LATE) == (
        "The time for a claim on this order ended on 7 April 2026, 00:00 UTC: the limit is 1 day"
        " after the purchase date. Our support team is still glad to answer your questions."
    )


def test_an_instant_is_in_the_zone_of_the_reader():
    berlin = ZoneInfo("Europe/Berlin")
    assert "7 April 2026, 02:00 CEST" in sentence(LATE, berlin)
    with timezone.override(berlin):
        assert "7 April 2026, 02:00 CEST" in sentence(LATE)
        assert "7 April 2026, 00:00 UTC" in sentence(LATE, UTC)


def test_a_reason_that_lacks_several_things_says_each():
    lacks = {"lacks": ["kind", "length"], "fewest": 20}
    assert sentence(Finding(Clause.CLEAR_REASON, Outcome.FAILED, lacks)) == (
        "Please choose what went wrong. Please describe what happened in at least 20 characters,"
        " not counting extra spaces."
    )


def test_a_refusal_carries_slug_and_params_and_is_spelled_when_it_is_read():
    (refusal,) = refusals([LATE])

    with timezone.override(ZoneInfo("Asia/Tokyo")):
        assert "7 April 2026, 09:00 JST" in ValidationError([refusal]).messages[0]
    assert (refusal.code, refusal.params) == ("claim-window", dict(LATE.params))


def test_a_per_cent_sign_in_a_version_stays():
    finding = Finding(Clause.TERMS, Outcome.FAILED, {"version": "100%s"})
    assert "(version 100%s)" in sentence(finding)
    assert ValidationError(refusals([finding])).messages == [sentence(finding)]


def test_no_sentence_depends_on_when_it_was_made():
    closes_at = datetime(2026, 4, 7, tzinfo=UTC).isoformat()
    again = Finding.from_dict(LATE.as_dict())
    assert LATE.params["closes_at"] == closes_at
    assert sentence(again) == sentence(LATE)
