"""The words of mails to customers in each of their languages, besides the letters themselves.

A letter is `emails/<kind>.txt` in English, and `emails/<language>/<kind>.txt` in another language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from claims import policy
from claims.models import Event
from claims.policy import Clause

Kind = Event.Kind
ENGLISH: Final = "en"
GERMAN_MONTHS: Final = [
    "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober",
    "November", "Dezember",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Words:
    subjects: Mapping[Event.Kind, str]
    clauses: Mapping[Clause, str]
    open_claim: str
    copy_address: str


def words_in(language: str) -> Words:
    """English for a language that we don't write."""
    return WORDS.get(language, WORDS[ENGLISH])


def letter_names(kind: str, language: str) -> list[str]:
    """The templates of a letter, the first that there is being the one."""
    own = [f"emails/{language}/{kind}.txt"] if language != ENGLISH and language in WORDS else []
    return [*own, f"emails/{kind}.txt"]


def spelled(text: str, language: str) -> str:
    """The text with its instants as that language writes them."""
    return policy.respelled(text, _in_german) if language == "de" else text


def _in_german(instant: datetime) -> str:
    utc = instant.astimezone(UTC)
    clock = f"{utc:%H:%M:%S}" if utc.second else f"{utc:%H:%M}"
    return f"{utc.day}. {GERMAN_MONTHS[utc.month - 1]} {utc.year}, {clock} UTC"


WORDS: Final = {
    ENGLISH: Words(
        subjects={
            Kind.FILED: "We have your claim {code}",
            Kind.EVIDENCE_REFUSED: "Claim {code}: we need another file",
            Kind.EVIDENCE_REQUESTED: "Claim {code}: we need something from you",
            Kind.REMINDED: "Claim {code}: we still wait for you",
            Kind.REPLIED: "Claim {code}: a message for you",
            Kind.REPAIR_STARTED: "Claim {code}: we are working on it",
            Kind.NOT_REPAIRABLE: "Claim {code}: a remedy is due",
            Kind.OFFERED: "Claim {code}: we offer you a replacement",
            Kind.OFFER_ANSWERED: "Claim {code}: we have your choice",
            Kind.REPLACED: "Claim {code}: your new number",
            Kind.GOODWILL: "Claim {code}: credit for you",
            Kind.REPAIRED: "Claim {code}: it is resolved",
            Kind.OBJECTED: "Claim {code}: we look at it again",
            Kind.APPEALED: "Claim {code}: we have your appeal",
            Kind.REOPENED: "Claim {code}: we look at it again",
            Kind.REFUNDED: "Claim {code}: your credit is back",
            Kind.REJECTED: "Claim {code}: our decision",
            Kind.RETURNED: "Claim {code}: your credit came back by itself",
        },
        clauses=policy.TITLES,
        open_claim="Open your claim",
        copy_address="Or copy this address:",
    ),
    "de": Words(
        subjects={
            Kind.FILED: "Wir haben Ihre Reklamation {code}",
            Kind.EVIDENCE_REFUSED: "Reklamation {code}: wir brauchen eine andere Datei",
            Kind.EVIDENCE_REQUESTED: "Reklamation {code}: wir brauchen etwas von Ihnen",
            Kind.REMINDED: "Reklamation {code}: wir warten noch auf Sie",
            Kind.REPLIED: "Reklamation {code}: eine Nachricht für Sie",
            Kind.REPAIR_STARTED: "Reklamation {code}: wir arbeiten daran",
            Kind.NOT_REPAIRABLE: "Reklamation {code}: Ihnen steht eine Abhilfe zu",
            Kind.OFFERED: "Reklamation {code}: wir bieten Ihnen einen Ersatz an",
            Kind.OFFER_ANSWERED: "Reklamation {code}: wir haben Ihre Wahl",
            Kind.REPLACED: "Reklamation {code}: Ihre neue Nummer",
            Kind.GOODWILL: "Reklamation {code}: Guthaben für Sie",
            Kind.REPAIRED: "Reklamation {code}: es ist behoben",
            Kind.OBJECTED: "Reklamation {code}: wir sehen sie uns noch einmal an",
            Kind.APPEALED: "Reklamation {code}: wir haben Ihren Widerspruch",
            Kind.REOPENED: "Reklamation {code}: wir sehen sie uns noch einmal an",
            Kind.REFUNDED: "Reklamation {code}: Ihr Guthaben ist zurück",
            Kind.REJECTED: "Reklamation {code}: unsere Entscheidung",
            Kind.RETURNED: "Reklamation {code}: Ihr Guthaben kam von selbst zurück",
        },
        clauses={
            Clause.TOP_UP: "Aufladungen von Guthaben",
            Clause.ALREADY_RETURNED: "Schon zurückgezahlt",
            Clause.CLAIM_WINDOW: "Frist für eine Reklamation",
            Clause.CLEAR_REASON: "Ein klarer Grund",
            Clause.TERMS: "Bedingungen und Rückgaberegeln",
            Clause.TELEGRAM_2FA_API: "Über die API gekaufte Telegram-Nummern mit 2FA",
            Clause.ALLOTTED_TIME: "Zeit für eine SMS",
            Clause.ACTIVATION_COMPLETE: "Abgeschlossene Aktivierungen",
            Clause.SERVER_SIDE: "Eine Ursache bei uns",
            Clause.SMS_RECEIVED: "Eine SMS wurde empfangen",
            Clause.PROOF: "Nachweis einer ungültigen Nummer",
            Clause.TELEGRAM_2FA_VIDEO: "Video für Telegram-Nummern mit 2FA",
            Clause.CRITICAL_DEFECT: "Schwere Fehler",
            Clause.REPAIR: "Zeit, das Problem zu beheben",
            Clause.API_MISUSE: "Richtiger Gebrauch der API",
            Clause.THIRD_PARTY: "Eigene Software",
            Clause.ONE_LIVE_CLAIM: "Eine offene Reklamation je Bestellung",
        },
        open_claim="Reklamation öffnen",
        copy_address="Oder kopieren Sie diese Adresse:",
    ),
}
