"""One function per clause, named like its slug.

Each returns a finding, or None when the clause does not apply: the clauses about a number say
nothing about a top-up, and the clauses of one claim kind say nothing about another. Messages are
for the customer.
"""

from claims.policy.facts import Facts
from claims.policy.instants import in_words
from claims.policy.reason import is_one_character_repeated, readable
from claims.policy.terms import Terms, repair_deadline
from claims.policy.verdict import Finding
from claims.policy.words import Activation, Channel, Clause, Kind, Outcome, Product, Proof


def top_up(facts: Facts, terms: Terms) -> Finding | None:
    if facts.product == Product.TOP_UP:
        return _failed(
            Clause.TOP_UP,
            "A credit top-up can't be refunded, so there is no claim to file. "
            "The credit stays in your balance, ready for any number.",
        )
    return _met(Clause.TOP_UP, "This order is for a number, not for a credit top-up.")


def already_returned(facts: Facts, terms: Terms) -> Finding | None:
    if facts.returned:
        return _failed(
            Clause.ALREADY_RETURNED,
            "The price of this order is already back in your credit balance. "
            "You can see the line under My credit.",
        )
    if facts.replaced:
        return _failed(
            Clause.ALREADY_RETURNED,
            "This order was replaced by another number, at no cost. If that one fails you, too, "
            "you can file a claim on it.",
        )
    return _met(Clause.ALREADY_RETURNED, "The price of this order has not been returned before.")


def claim_window(facts: Facts, terms: Terms) -> Finding | None:
    closes, limit = in_words(facts.claims_close_at), days(terms.claim_days)
    if facts.filed_at >= facts.claims_close_at:
        return _failed(
            Clause.CLAIM_WINDOW,
            f"The time for a claim on this order ended on {closes}: the limit is {limit} after the "
            "purchase date. Our support team is still glad to answer your questions.",
        )
    return _met(
        Clause.CLAIM_WINDOW,
        f"In time: a claim on this order can be filed before {closes}. The limit is {limit} after "
        "the purchase date.",
    )


def clear_reason(facts: Facts, terms: Terms) -> Finding | None:
    problems = _problems_of_the_reason(facts, terms)
    if problems:
        return _failed(Clause.CLEAR_REASON, " ".join(problems))
    return _met(Clause.CLEAR_REASON, "You told us what went wrong.")


def _problems_of_the_reason(facts: Facts, terms: Terms) -> list[str]:
    problems = []
    if facts.kind is None:
        problems.append("Please choose what went wrong.")
    if len(readable(facts.reason)) < terms.reason_min_length:
        problems.append(
            f"Please describe what happened in at least {terms.reason_min_length} characters, "
            "not counting extra spaces."
        )
    elif is_one_character_repeated(facts.reason):
        problems.append(
            "Please describe what happened in words: one character repeated doesn't tell us enough."
        )
    return problems


def terms(facts: Facts, terms: Terms) -> Finding | None:
    if not facts.terms_accepted:
        return _failed(
            Clause.TERMS,
            f"Please accept the terms and the return policy (version {terms.version}) to go on.",
        )
    return _for_reviewer(
        Clause.TERMS,
        "You accepted the terms and the return policy. Our support team will check that the claim "
        "agrees with them; there is nothing for you to do.",
    )


def telegram_2fa_api(facts: Facts, terms: Terms) -> Finding | None:
    if not facts.is_number:
        return None
    if facts.is_telegram_2fa and facts.channel == Channel.API:
        return _failed(
            Clause.TELEGRAM_2FA_API,
            "A Telegram number with two-factor authentication (2FA) that was bought through the "
            "API can't be refunded by a claim. If your number has no 2FA, please tell our "
            "support team.",
        )
    return _met(
        Clause.TELEGRAM_2FA_API,
        "This is not a Telegram number with 2FA that was bought through the API.",
    )


def allotted_time(facts: Facts, terms: Terms) -> Finding | None:
    """Without an `allotted_until` there is nothing to wait for, and a reviewer sees the claim."""
    if not _is_about(facts, Kind.SMS_NOT_RECEIVED):
        return None
    still_waiting = facts.activation == Activation.WAITING
    if still_waiting and facts.allotted_until and facts.filed_at < facts.allotted_until:
        ends = in_words(facts.allotted_until)
        if facts.sms_received_at:
            # An SMS on record stops the automatic return, so the message must not promise one.
            next_step = f"Its allotted time ends on {ends}; you can file this claim from then on."
        else:
            next_step = (
                f"If none arrives, the price returns to your credit balance by itself on {ends}, "
                "and you need no claim."
            )
        return _failed(
            Clause.ALLOTTED_TIME,
            f"This number can still receive an SMS, so please wait. {next_step}",
        )
    return _met(Clause.ALLOTTED_TIME, "The wait for an SMS on this number is over.")


def activation_complete(facts: Facts, terms: Terms) -> Finding | None:
    if not _is_about(facts, Kind.SMS_NOT_RECEIVED):
        return None
    if facts.sms_received_at is None:
        return _met(Clause.ACTIVATION_COMPLETE, "Our records show no SMS on this number.")
    if facts.activation == Activation.COMPLETED:
        return _failed(
            Clause.ACTIVATION_COMPLETE,
            "Our records show that an SMS arrived and the activation was completed. "
            "If the number did not work after that, please choose “Invalid number” instead.",
        )
    return _for_reviewer(
        Clause.ACTIVATION_COMPLETE,
        f"Our records show an SMS on {in_words(facts.sms_received_at)}, but no completed "
        "activation. Our support team will look into it; there is nothing for you to do.",
    )


def server_side(facts: Facts, terms: Terms) -> Finding | None:
    if not _is_about(facts, Kind.SMS_NOT_RECEIVED):
        return None
    return _for_reviewer(
        Clause.SERVER_SIDE,
        "Our support team will check whether the cause lay with us or our supplier; "
        "there is nothing for you to do.",
    )


def sms_received(facts: Facts, terms: Terms) -> Finding | None:
    if not _is_about(facts, Kind.INVALID_NUMBER):
        return None
    if facts.sms_received_at is None:
        return _failed(
            Clause.SMS_RECEIVED,
            "Our records show no SMS on this number. Please choose “SMS not received” instead.",
        )
    return _met(
        Clause.SMS_RECEIVED, f"An SMS arrived on this number on {in_words(facts.sms_received_at)}."
    )


def proof(facts: Facts, terms: Terms) -> Finding | None:
    if not _is_about(facts, Kind.INVALID_NUMBER):
        return None
    if not facts.proofs:
        return _failed(
            Clause.PROOF, "Please add at least one screenshot or video that shows the problem."
        )
    return _for_reviewer(
        Clause.PROOF,
        "Thank you for the proof. Our support team will check that it shows the problem, and will "
        "write to you if more is needed.",
    )


def telegram_2fa_video(facts: Facts, terms: Terms) -> Finding | None:
    if not needs_video(facts):
        return None
    if Proof.VIDEO not in facts.proofs:
        return _failed(
            Clause.TELEGRAM_2FA_VIDEO,
            "This is a Telegram number with 2FA, so a screenshot alone is not enough: please add "
            "at least one video that shows the problem.",
        )
    return _met(Clause.TELEGRAM_2FA_VIDEO, "You added the video that a Telegram 2FA number needs.")


def critical_defect(facts: Facts, terms: Terms) -> Finding | None:
    if not _is_about(facts, Kind.MAJOR_DEFECT):
        return None
    return _for_reviewer(
        Clause.CRITICAL_DEFECT,
        "Our support team will check whether the product has an unexpected critical error; "
        "a screenshot or a video helps.",
    )


def repair(facts: Facts, terms: Terms) -> Finding | None:
    if not _is_about(facts, Kind.MAJOR_DEFECT):
        return None
    ends = in_words(repair_deadline(facts.filed_at, terms))
    return _for_reviewer(
        Clause.REPAIR,
        f"We may resolve the problem until {ends}, {days(terms.repair_days)} after the filing. "
        "If we can't, our support team will decide about your refund; we will write to you.",
    )


def api_misuse(facts: Facts, terms: Terms) -> Finding | None:
    if not facts.is_number or facts.channel != Channel.API:
        return None
    return _for_reviewer(
        Clause.API_MISUSE,
        "You bought this number through the API. Our support team will check that the API was "
        "used correctly; the calls you made, in your reason, help.",
    )


def third_party(facts: Facts, terms: Terms) -> Finding | None:
    if not facts.is_number:
        return None
    return _for_reviewer(
        Clause.THIRD_PARTY,
        "Our support team will check that the cause was not software of your own, such as a plugin "
        "or an unofficial client; if you used any, please say so in your reason.",
    )


def one_live_claim(facts: Facts, terms: Terms) -> Finding | None:
    if facts.has_live_claim:
        return _failed(
            Clause.ONE_LIVE_CLAIM,
            "There is already an open claim on this order. Please go on with that one, or withdraw "
            "it before you file another.",
        )
    return _met(Clause.ONE_LIVE_CLAIM, "No other claim on this order is open.")


def needs_proof(facts: Facts) -> bool:
    """Whether the claim can't be filed without a screenshot or a video."""
    return _is_about(facts, Kind.INVALID_NUMBER)


def needs_video(facts: Facts) -> bool:
    """Whether one of the proofs must be a video."""
    return needs_proof(facts) and facts.is_telegram_2fa


def days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _is_about(facts: Facts, kind: Kind) -> bool:
    return facts.is_number and facts.kind == kind


def _met(clause: Clause, message: str) -> Finding:
    return Finding(clause, Outcome.MET, message)


def _failed(clause: Clause, message: str) -> Finding:
    return Finding(clause, Outcome.FAILED, message)


def _for_reviewer(clause: Clause, message: str) -> Finding:
    return Finding(clause, Outcome.FOR_REVIEWER, message)
