"""The words of mails to customers in each of their languages, besides the letters themselves.

A letter is `emails/<kind>.txt` in English, and `emails/<language>/<kind>.txt` in another language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from claims import policy
from claims.policy import Clause

ENGLISH: Final = "en"
GERMAN_MONTHS: Final = [
    "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober",
    "November", "Dezember",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Words:
    subjects: Mapping[str, str]
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
            "filed": "We have your claim {code}",
            "evidence_refused": "Claim {code}: we need another file",
            "evidence_requested": "Claim {code}: we need something from you",
            "reminded": "Claim {code}: we still wait for you",
            "replied": "Claim {code}: a message for you",
            "repair_started": "Claim {code}: we are working on it",
            "not_repairable": "Claim {code}: a remedy is due",
            "offered": "Claim {code}: we offer you a replacement",
            "offer_answered": "Claim {code}: we have your choice",
            "replaced": "Claim {code}: your new number",
            "goodwill": "Claim {code}: credit for you",
            "repaired": "Claim {code}: it is resolved",
            "objected": "Claim {code}: we look at it again",
            "appealed": "Claim {code}: we have your appeal",
            "reopened": "Claim {code}: we look at it again",
            "refunded": "Claim {code}: your credit is back",
            "rejected": "Claim {code}: our decision",
            "returned": "Claim {code}: your credit came back by itself",
        },
        clauses=policy.TITLES,
        open_claim="Open your claim",
        copy_address="Or copy this address:",
    ),
    "de": Words(
        subjects={
            "filed": "Wir haben Ihre Reklamation {code}",
            "evidence_refused": "Reklamation {code}: wir brauchen eine andere Datei",
            "evidence_requested": "Reklamation {code}: wir brauchen etwas von Ihnen",
            "reminded": "Reklamation {code}: wir warten noch auf Sie",
            "replied": "Reklamation {code}: eine Nachricht für Sie",
            "repair_started": "Reklamation {code}: wir arbeiten daran",
            "not_repairable": "Reklamation {code}: Ihnen steht eine Abhilfe zu",
            "offered": "Reklamation {code}: wir bieten Ihnen einen Ersatz an",
            "offer_answered": "Reklamation {code}: wir haben Ihre Wahl",
            "replaced": "Reklamation {code}: Ihre neue Nummer",
            "goodwill": "Reklamation {code}: Guthaben für Sie",
            "repaired": "Reklamation {code}: es ist behoben",
            "objected": "Reklamation {code}: wir sehen sie uns noch einmal an",
            "appealed": "Reklamation {code}: wir haben Ihren Widerspruch",
            "reopened": "Reklamation {code}: wir sehen sie uns noch einmal an",
            "refunded": "Reklamation {code}: Ihr Guthaben ist zurück",
            "rejected": "Reklamation {code}: unsere Entscheidung",
            "returned": "Reklamation {code}: Ihr Guthaben kam von selbst zurück",
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
