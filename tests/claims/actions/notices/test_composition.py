"""Mails in the customer's language: every letter, subject and clause in each of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.core import mail
from django.db import ProgrammingError, transaction
from django.template.loader import get_template
from django.utils import timezone, translation

from claims.actions.notices import composition
from claims.models import Event, Notice, NoticeMail
from claims.wording.subjects import SUBJECTS, subject
from tests.makers import make_claim, make_order, newest_event
from tests.reviewing import ask_for_evidence, reject

LANGUAGES = [code for code, _ in settings.LANGUAGES]
KINDS = list(SUBJECTS)
# Words that no German letter contains.
ENGLISH_WORDS = [" your ", " claim ", " order ", "There is nothing", " we "]


@pytest.fixture
def anna(ann):
    ann.language = "de"
    ann.save()
    return ann


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_each_mail_has_a_letter_and_a_subject_with_the_code(kind, language):
    assert get_template(f"emails/{kind}.txt")
    with translation.override(language):
        assert "CLM-1" in subject(kind, "CLM-1")


def test_no_letter_is_left_that_nobody_sends():
    letters = {path.stem for path in (settings.BASE_DIR / "templates" / "emails").glob("*.txt")}
    assert letters == {*KINDS, "notice", "proof_code"}


def test_a_mail_is_in_the_time_zone_of_its_customer(ann, sue, run_jobs):
    ann.time_zone = "Europe/Berlin"
    ann.save()
    claim = make_claim(make_order(ann, sms=True))
    ask_for_evidence(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), note="A video, please.",
        now=datetime(2026, 7, 1, 12, 0, tzinfo=UTC),
    )  # fmt: skip
    run_jobs()

    assert "ends if nothing comes until 8 July 2026, 14:00 CEST" in mail.outbox[-1].body


@pytest.mark.parametrize(
    "said",
    ["until 30 November 2026, 24:00 UTC", "31 April 2026, 12:30 UTC", "100 % %s {x} {{ x }}"],
)
def test_the_words_of_a_reviewer_go_out_as_they_are(anna, sue, run_jobs, said):
    claim = make_claim(make_order(anna, sms=True))
    ask_for_evidence(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), note=said, now=timezone.now()
    )
    run_jobs()

    assert said in mail.outbox[-1].body
    assert set(Notice.objects.values_list("state", flat=True)) == {"sent"}


def test_each_mail_is_kept_as_it_was_sent(anna, run_jobs):
    claim = make_claim(make_order(anna, sms=True))
    run_jobs()

    kept = NoticeMail.objects.get(notice__event__claim=claim)
    (sent,) = mail.outbox
    assert (kept.subject, kept.text) == (sent.subject, sent.body)
    assert (kept.language, kept.address) == ("de", anna.email)
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        NoticeMail.objects.update(text="Something else")


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
    data = {"note": "Gut.", "file": "a.png", "problem": "damaged", "amount": "2.50",
            "currency": "EUR", "clause": "proof", "until": "2026-04-01T12:00:00+00:00",
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
