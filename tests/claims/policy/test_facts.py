import json
from dataclasses import FrozenInstanceError, fields
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.policy import Activation, Channel, Facts, Kind, Product, Proof

MAYBE_INSTANTS = st.none() | st.datetimes(
    min_value=datetime(2000, 1, 1), timezones=st.timezones()
).filter(lambda instant: instant.year < 9999)


def test_facts_have_exactly_the_fields_of_the_policy():
    assert {field.name for field in fields(Facts)} == {
        "product",
        "service",
        "telegram_rules",
        "channel",
        "two_factor",
        "purchased_at",
        "claims_close_at",
        "allotted_until",
        "sms_received_at",
        "activation",
        "returned",
        "replaced",
        "kind",
        "filed_at",
        "reason",
        "proofs",
        "terms_accepted",
        "has_live_claim",
    }


def test_plain_strings_become_words(make_facts):
    facts = make_facts(proofs=["video", "screenshot", "video"])
    assert facts.product is Product.NUMBER
    assert facts.channel is Channel.WEB
    assert facts.activation is Activation.TIMED_OUT
    assert facts.kind is Kind.SMS_NOT_RECEIVED
    assert facts.proofs == frozenset({Proof.SCREENSHOT, Proof.VIDEO})
    assert all(isinstance(proof, Proof) for proof in facts.proofs)


def test_words_and_plain_strings_make_equal_facts(make_facts):
    words = make_facts(kind=Kind.INVALID_NUMBER, proofs={Proof.VIDEO}, channel=Channel.API)
    strings = make_facts(kind="invalid_number", proofs=iter(["video"]), channel="api")
    assert words == strings
    assert hash(words) == hash(strings)


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("product", "esim", "number, top_up"),
        ("channel", "", "web, api"),
        ("activation", "asleep", "waiting, sms_received, completed, cancelled, timed_out, banned"),
        ("kind", "refund", "sms_not_received, invalid_number, major_defect"),
        ("proofs", ["screenshot", "pdf"], "screenshot, video"),
    ],
)
def test_an_unknown_word_is_refused_with_the_allowed_ones(make_facts, name, value, allowed):
    with pytest.raises(ValueError, match=f"^{name}: .* is not one of {allowed}$"):
        make_facts(**{name: value})


@pytest.mark.parametrize(
    "name", ["purchased_at", "claims_close_at", "allotted_until", "sms_received_at", "filed_at"]
)
def test_a_naive_datetime_is_refused_by_name(make_facts, name):
    with pytest.raises(ValueError, match=f"^{name}: needs a time zone"):
        make_facts(**{name: datetime(2026, 4, 2, 10)})


@pytest.mark.parametrize("name", ["purchased_at", "claims_close_at", "filed_at"])
def test_an_instant_that_every_claim_has_cannot_be_missing(make_facts, name):
    with pytest.raises(ValueError, match=f"^{name}: needs a datetime"):
        make_facts(**{name: None})


def test_instants_are_kept_in_utc(make_facts):
    facts = make_facts(filed_at=datetime.fromisoformat("2026-04-03T01:00:00+03:00"))
    assert facts.filed_at.isoformat() == "2026-04-02T22:00:00+00:00"


def test_an_empty_kind_is_no_kind(make_facts):
    assert make_facts(kind="").kind is None


def test_facts_cannot_be_changed(make_facts):
    with pytest.raises(FrozenInstanceError):
        make_facts().reason = "another"


@pytest.mark.parametrize("service", ["telegram", "tg", "whatsapp", ""])
def test_the_rules_for_telegram_are_the_catalogues_not_the_words(make_facts, service):
    assert make_facts(service=service, telegram_rules=True, two_factor=True).is_telegram_2fa
    assert not make_facts(service=service, telegram_rules=True).is_telegram_2fa
    assert not make_facts(service=service, two_factor=True).is_telegram_2fa


def test_what_the_customer_has_not_given_yet_counts_against_the_claim(make_facts):
    given_later = ("kind", "reason", "proofs", "terms_accepted")
    values = vars(make_facts(terms_accepted=True))
    facts = Facts(**{k: v for k, v in values.items() if k not in given_later})
    assert (facts.kind, facts.reason, facts.proofs) == (None, "", frozenset())
    assert facts.terms_accepted is False


def test_facts_as_json_are_plain_and_sorted(make_facts):
    data = json.loads(json.dumps(make_facts(proofs=["video", "screenshot"]).as_dict()))
    assert data["proofs"] == ["screenshot", "video"]
    assert data["kind"] == "sms_not_received"
    assert data["purchased_at"] == "2026-04-01T12:00:00+00:00"
    assert data["sms_received_at"] is None


@given(
    sms=MAYBE_INSTANTS,
    until=MAYBE_INSTANTS,
    age=st.timedeltas(timedelta(0), timedelta(days=9)),
    kind=st.none() | st.sampled_from(Kind),
    activation=st.none() | st.sampled_from(Activation),
    proofs=st.frozensets(st.sampled_from(Proof)),
    reason=st.text(st.characters(exclude_categories=["Cs"])),
)
def test_facts_of_every_kind_are_json_as_they_are_kept(
    make_facts, sms, until, age, kind, activation, proofs, reason
):
    data = make_facts(
        sms_received_at=sms,
        allotted_until=until,
        filed_at=datetime(2026, 4, 1, 12, tzinfo=UTC) + age,
        kind=kind,
        activation=activation,
        proofs=proofs,
        reason=reason,
    ).as_dict()
    assert json.loads(json.dumps(data)) == data
    for name, instant in (("sms_received_at", sms), ("allotted_until", until)):
        assert data[name] == (instant.astimezone(UTC).isoformat() if instant else None)
