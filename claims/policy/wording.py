"""What people read about each clause: titles, explanations, and the reviewer's questions."""

from collections.abc import Mapping

from claims.policy.clauses import days
from claims.policy.terms import Terms
from claims.policy.words import Clause

TITLES: Mapping[Clause, str] = {
    Clause.TOP_UP: "Credit top-ups",
    Clause.ALREADY_RETURNED: "Already returned",
    Clause.CLAIM_WINDOW: "Time to file a claim",
    Clause.CLEAR_REASON: "A clear reason",
    Clause.TERMS: "Terms and return policy",
    Clause.TELEGRAM_2FA_API: "Telegram 2FA numbers bought through the API",
    Clause.ALLOTTED_TIME: "Time allotted for an SMS",
    Clause.ACTIVATION_COMPLETE: "Completed activations",
    Clause.SERVER_SIDE: "A cause on our side",
    Clause.SMS_RECEIVED: "An SMS was received",
    Clause.PROOF: "Proof of an invalid number",
    Clause.TELEGRAM_2FA_VIDEO: "Video for Telegram 2FA numbers",
    Clause.CRITICAL_DEFECT: "Critical errors",
    Clause.REPAIR: "Time to resolve the problem",
    Clause.API_MISUSE: "Correct use of the API",
    Clause.THIRD_PARTY: "Your own software",
    Clause.ONE_LIVE_CLAIM: "One open claim per order",
}

QUESTIONS: Mapping[Clause, str] = {
    Clause.TERMS: "Does the claim agree with every section of the terms?",
    Clause.ACTIVATION_COMPLETE: (
        "An SMS is on record without a completed activation. Did the customer still go without a "
        "usable SMS?"
    ),
    Clause.SERVER_SIDE: "Did the cause lie with the shop or its supplier?",
    Clause.PROOF: "Does the proof show the problem on this very number?",
    Clause.CRITICAL_DEFECT: "Does the product have an unexpected critical error?",
    Clause.REPAIR: (
        "Is a remedy due, because the problem can't be resolved or the time to resolve it is over?"
    ),
    Clause.API_MISUSE: "Did the customer use the API correctly, as far as this problem goes?",
    Clause.THIRD_PARTY: "Is the cause something other than the customer's own software?",
}
"""For every clause that only a person can tell. Yes always speaks for the claim."""


def explanations(terms: Terms) -> Mapping[Clause, str]:
    """Each clause in a sentence or two for the policy page, with the numbers of `terms`."""
    return {**_EXPLANATIONS, **_explanations_with_numbers(terms)}


def _explanations_with_numbers(terms: Terms) -> Mapping[Clause, str]:
    return {
        Clause.CLAIM_WINDOW: (
            f"You can file a claim on the day of the purchase and for {days(terms.claim_days)} "
            f"after it, to the end of the last day ({terms.time_zone} time). Each order shows its "
            "own deadline. Once it has passed, the product counts as activated."
        ),
        Clause.CLEAR_REASON: (
            "Choose what went wrong and describe it in words, in at least "
            f"{terms.reason_min_length} characters. Extra spaces and invisible characters don't "
            "count, and one character repeated is not a reason."
        ),
        Clause.REPAIR: (
            f"After you report a major defect we may resolve it within {days(terms.repair_days)}. "
            "If it can't be resolved, or that time is over, a remedy is due: the price you paid "
            "and no more, or a replacement of the same value if we offer one and you choose it."
        ),
    }


_EXPLANATIONS: Mapping[Clause, str] = {
    Clause.TOP_UP: "Money added to your credit balance is not refunded; it is there to be spent.",
    Clause.ALREADY_RETURNED: (
        "An order's price goes back to your credit balance once at most. After that, whatever the "
        "cause was, there is nothing left to claim."
    ),
    Clause.TERMS: (
        "You accept the terms and this policy when you file, and we record which version. A claim "
        "that conflicts with the terms can be rejected, and we then name the section."
    ),
    Clause.TELEGRAM_2FA_API: (
        "No claim of any kind is possible on a Telegram number with two-factor authentication "
        "(2FA) that was bought through the API. The price still returns by itself when no SMS "
        "arrives in the allotted time."
    ),
    Clause.ALLOTTED_TIME: (
        "Every number has a time in which it waits for an SMS. When that ends without one, we "
        "cancel the activation and the price returns to your credit balance by itself, so you "
        "need no claim while the number is still waiting."
    ),
    Clause.ACTIVATION_COMPLETE: (
        "“SMS not received” is not possible when our records show both an SMS and a completed "
        "activation; “Invalid number” may fit instead. With an SMS but no completed "
        "activation, a person looks into it."
    ),
    Clause.SERVER_SIDE: (
        "An “SMS not received” claim succeeds when the cause lay with us or our supplier. "
        "Our support team finds that out."
    ),
    Clause.SMS_RECEIVED: (
        "“Invalid number” is for problems after an SMS came. Without an SMS, “SMS not "
        "received” is the claim that fits."
    ),
    Clause.PROOF: (
        "An “Invalid number” claim needs at least one screenshot or video that shows the "
        "problem. For the other kinds of claim, proof is welcome but not needed."
    ),
    Clause.TELEGRAM_2FA_VIDEO: (
        "For “Invalid number” on a Telegram number with 2FA, at least one proof must be a "
        "video. If you sent only a screenshot, we ask you for a video before we decide."
    ),
    Clause.CRITICAL_DEFECT: (
        "A “Major defect” is an unexpected critical error of the product itself. Our support "
        "team checks whether there is one."
    ),
    Clause.API_MISUSE: (
        "Problems that come from calling the API wrongly are not covered. We ask this only for "
        "orders bought through the API."
    ),
    Clause.THIRD_PARTY: (
        "Problems caused by software of your own, such as a plugin, an extension or an unofficial "
        "client, are not covered. A service that refuses the number is not such software."
    ),
    Clause.ONE_LIVE_CLAIM: (
        "An order has one open claim at a time. Go on with that one, or withdraw it first."
    ),
}
