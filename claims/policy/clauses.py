"""One function per clause, named like its slug.

Each returns a finding, or None when the clause does not apply: the clauses about a number don't
apply to a top-up, and the clauses of one claim kind don't apply to another.
"""

from typing import Any

from claims.policy.facts import Facts
from claims.policy.reason import is_one_character_repeated, readable
from claims.policy.terms import Terms, repair_deadline
from claims.policy.verdict import Finding
from claims.policy.words import Activation, Channel, Clause, Kind, Outcome, Product, Proof


def top_up(facts: Facts, terms: Terms) -> Finding | None:
    return _failed(Clause.TOP_UP) if facts.product == Product.TOP_UP else _met(Clause.TOP_UP)


def already_returned(facts: Facts, terms: Terms) -> Finding | None:
    if facts.returned:
        return _failed(Clause.ALREADY_RETURNED, by="return")
    if facts.replaced:
        return _failed(Clause.ALREADY_RETURNED, by="replacement")
    return _met(Clause.ALREADY_RETURNED)


def claim_window(facts: Facts, terms: Terms) -> Finding | None:
    window = {"closes_at": facts.claims_close_at.isoformat(), "days": terms.claim_days}
    if facts.filed_at >= facts.claims_close_at:
        return _failed(Clause.CLAIM_WINDOW, **window)
    return _met(Clause.CLAIM_WINDOW, **window)


def clear_reason(facts: Facts, terms: Terms) -> Finding | None:
    lacks = _lacks_of_the_reason(facts, terms)
    if lacks:
        return _failed(Clause.CLEAR_REASON, lacks=lacks, fewest=terms.reason_min_length)
    return _met(Clause.CLEAR_REASON)


def _lacks_of_the_reason(facts: Facts, terms: Terms) -> list[str]:
    lacks = []
    if facts.kind is None:
        lacks.append("kind")
    if len(readable(facts.reason)) < terms.reason_min_length:
        lacks.append("length")
    elif is_one_character_repeated(facts.reason):
        lacks.append("words")
    return lacks


def terms(facts: Facts, terms: Terms) -> Finding | None:
    if not facts.terms_accepted:
        return _failed(Clause.TERMS, version=terms.version)
    return _for_reviewer(Clause.TERMS)


def telegram_2fa_api(facts: Facts, terms: Terms) -> Finding | None:
    if not facts.is_number:
        return None
    if facts.is_telegram_2fa and facts.channel == Channel.API:
        return _failed(Clause.TELEGRAM_2FA_API)
    return _met(Clause.TELEGRAM_2FA_API)


def allotted_time(facts: Facts, terms: Terms) -> Finding | None:
    """An order without `allotted_until` meets it: there is nothing to wait for."""
    if not _is_about(facts, Kind.SMS_NOT_RECEIVED):
        return None
    still_waiting = facts.activation == Activation.WAITING
    if still_waiting and facts.allotted_until and facts.filed_at < facts.allotted_until:
        # An SMS on record stops the automatic return.
        returns = facts.sms_received_at is None
        ends_at = facts.allotted_until.isoformat()
        return _failed(Clause.ALLOTTED_TIME, ends_at=ends_at, returns_by_itself=returns)
    return _met(Clause.ALLOTTED_TIME)


def activation_complete(facts: Facts, terms: Terms) -> Finding | None:
    if not _is_about(facts, Kind.SMS_NOT_RECEIVED):
        return None
    if facts.sms_received_at is None:
        return _met(Clause.ACTIVATION_COMPLETE)
    if facts.activation == Activation.COMPLETED:
        return _failed(Clause.ACTIVATION_COMPLETE)
    return _for_reviewer(
        Clause.ACTIVATION_COMPLETE, sms_received_at=facts.sms_received_at.isoformat()
    )


def server_side(facts: Facts, terms: Terms) -> Finding | None:
    if not _is_about(facts, Kind.SMS_NOT_RECEIVED):
        return None
    return _for_reviewer(Clause.SERVER_SIDE)


def sms_received(facts: Facts, terms: Terms) -> Finding | None:
    if not _is_about(facts, Kind.INVALID_NUMBER):
        return None
    if facts.sms_received_at is None:
        return _failed(Clause.SMS_RECEIVED)
    return _met(Clause.SMS_RECEIVED, sms_received_at=facts.sms_received_at.isoformat())


def proof(facts: Facts, terms: Terms) -> Finding | None:
    if not _is_about(facts, Kind.INVALID_NUMBER):
        return None
    return _for_reviewer(Clause.PROOF) if facts.proofs else _failed(Clause.PROOF)


def telegram_2fa_video(facts: Facts, terms: Terms) -> Finding | None:
    if not needs_video(facts):
        return None
    if Proof.VIDEO in facts.proofs:
        return _met(Clause.TELEGRAM_2FA_VIDEO)
    return _failed(Clause.TELEGRAM_2FA_VIDEO)


def critical_defect(facts: Facts, terms: Terms) -> Finding | None:
    if not _is_about(facts, Kind.MAJOR_DEFECT):
        return None
    return _for_reviewer(Clause.CRITICAL_DEFECT)


def repair(facts: Facts, terms: Terms) -> Finding | None:
    if not _is_about(facts, Kind.MAJOR_DEFECT):
        return None
    ends_at = repair_deadline(facts.filed_at, terms)
    return _for_reviewer(Clause.REPAIR, ends_at=ends_at.isoformat(), days=terms.repair_days)


def api_misuse(facts: Facts, terms: Terms) -> Finding | None:
    if not facts.is_number or facts.channel != Channel.API:
        return None
    return _for_reviewer(Clause.API_MISUSE)


def third_party(facts: Facts, terms: Terms) -> Finding | None:
    return _for_reviewer(Clause.THIRD_PARTY) if facts.is_number else None


def one_live_claim(facts: Facts, terms: Terms) -> Finding | None:
    return _failed(Clause.ONE_LIVE_CLAIM) if facts.has_live_claim else _met(Clause.ONE_LIVE_CLAIM)


def needs_proof(facts: Facts) -> bool:
    """Return whether the claim needs a screenshot or a video."""
    return _is_about(facts, Kind.INVALID_NUMBER)


def needs_video(facts: Facts) -> bool:
    """Return whether one of the proofs must be a video."""
    return needs_proof(facts) and facts.is_telegram_2fa


def _is_about(facts: Facts, kind: Kind) -> bool:
    return facts.is_number and facts.kind == kind


def _met(clause: Clause, **params: Any) -> Finding:
    return Finding(clause, Outcome.MET, params)


def _failed(clause: Clause, **params: Any) -> Finding:
    return Finding(clause, Outcome.FAILED, params)


def _for_reviewer(clause: Clause, **params: Any) -> Finding:
    return Finding(clause, Outcome.FOR_REVIEWER, params)
