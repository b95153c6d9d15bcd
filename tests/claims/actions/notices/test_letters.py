"""Mails in the customer's language: every letter, subject and clause in each of them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.template.loader import get_template
from django.utils import timezone

from claims import policy
from claims.actions.notices import composition
from claims.models import Event, Notice
from claims.wording.letters import WORDS, letter_names, spelled, words_in
from tests.makers import make_claim, make_order, newest_event
from tests.reviewing import ask_for_evidence, reject

LANGUAGES = [code for code, _ in settings.LANGUAGES]
KINDS = list(WORDS["en"].subjects)
# What no German letter has.
ENGLISH_WORDS = [" your ", " claim ", " order ", "There is nothing", " we "]


@pytest.fixture
def anna(ann):
    ann.language = "de"
    ann.save()
    return ann


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_letter_subject_and_clause(language):
    words = WORDS[language]

    assert list(words.subjects) == KINDS
    assert set(words.clauses) == set(policy.Clause)
    for kind in KINDS:
        own, *_ = letter_names(kind, language)
        assert get_template(own)
        assert "{code}" in words.subjects[kind]


def test_no_letter_is_left_that_nobody_sends():
    for folder in (Path("emails"), Path("emails/de")):
        letters = {path.stem for path in (settings.BASE_DIR / "templates" / folder).glob("*.txt")}
        assert letters == {*KINDS, "notice"}


def test_a_language_that_we_dont_write_is_english():
    assert words_in("fr") is WORDS["en"]
    assert letter_names("filed", "fr") == ["emails/filed.txt"]


def test_instants_are_spelled_as_the_language_does():
    text = f"Bis {policy.in_words(datetime(2026, 3, 1, 12, 30, tzinfo=UTC))}."

    assert spelled(text, "de") == "Bis 1. März 2026, 12:30 UTC."
    assert spelled(text, "en") == "Bis 1 March 2026, 12:30 UTC."


def test_who_reads_german_gets_german_mail(anna, sue, run_jobs):
    claim = make_claim(make_order(anna, sms=True), kind="major_defect")
    ask_for_evidence(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), note="Bitte ein Video.",
        now=timezone.now(),
    )  # fmt: skip
    reject(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), answers={}, clause="critical-defect",
        note="Es geht.", now=timezone.now(),
    )  # fmt: skip
    run_jobs()

    filed, asked, rejected = mail.outbox
    assert filed.subject == f"Wir haben Ihre Reklamation {claim.code}"
    assert filed.body.startswith("Guten Tag Ann,")
    assert "Bitte ein Video." in asked.body
    assert "Regel: Schwere Fehler (http://localhost:8000/policy/#critical-defect)" in rejected.body
    assert "können Sie einmal widersprechen, bis " in rejected.body
    html = rejected.alternatives[0].content
    assert '<html lang="de">' in html
    assert "Reklamation öffnen" in html
    assert "Or copy" not in html


@pytest.mark.parametrize("kind", KINDS)
def test_each_german_letter_is_german(kind, anna):
    claim = make_claim(make_order(anna, sms=True), kind="major_defect")
    data = {"note": "Gut.", "file": "a.png", "problem": "Defekt.", "amount": "2.50",
            "currency": "EUR", "clause": "proof", "until": "1 April 2026, 12:00 UTC",
            "phone": "+49", "order": "R-1", "choice": ""}  # fmt: skip
    for choice in ("", "refund", "replacement", "lapsed"):
        event = Event(kind=kind, claim=claim, order=claim.order, at=timezone.now(),
                      data=data | {"choice": choice})  # fmt: skip
        made = composition.mail_about(Notice(event=event, address=anna.email, made_at=event.at))

        for text in (str(made.body), made.subject):
            assert not [word for word in ENGLISH_WORDS if word in text.lower()]
        assert claim.code in made.body
        assert claim.get_absolute_url() in made.body


def test_the_language_is_chosen_in_the_profile(ann, client):
    client.force_login(ann)

    client.post("/profile/", {"display_name": "Ann", "time_zone": "UTC", "language": "de"})

    ann.refresh_from_db()
    assert ann.language == "de"
