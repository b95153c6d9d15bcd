"""The clauses on the policy page, each explained, and the reviewer's questions."""

from collections.abc import Mapping, Sequence
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from claims.policy import Clause, Terms

GROUPS: Final[Sequence[tuple[Promise, tuple[Clause, ...]]]] = [
    (
        _("For every claim"),
        (
            Clause.TOP_UP,
            Clause.ALREADY_RETURNED,
            Clause.CLAIM_WINDOW,
            Clause.CLEAR_REASON,
            Clause.TERMS,
            Clause.ONE_LIVE_CLAIM,
            Clause.TELEGRAM_2FA_API,
            Clause.API_MISUSE,
            Clause.THIRD_PARTY,
        ),
    ),
    (
        _("SMS not received"),
        (Clause.ALLOTTED_TIME, Clause.ACTIVATION_COMPLETE, Clause.SERVER_SIDE),
    ),
    (_("Invalid number"), (Clause.SMS_RECEIVED, Clause.PROOF, Clause.TELEGRAM_2FA_VIDEO)),
    (_("Major defect"), (Clause.CRITICAL_DEFECT, Clause.REPAIR)),
]
"""The groups of clauses on the policy page."""
QUESTIONS: Final[Mapping[Clause, Promise]] = {
    Clause.TERMS: _("Does the claim agree with every section of the terms?"),
    Clause.ACTIVATION_COMPLETE: _(
        "An SMS is on record without a completed activation. Did the customer still go without a "
        "usable SMS?"
    ),
    Clause.SERVER_SIDE: _("Did the cause lie with the shop or its supplier?"),
    Clause.PROOF: _("Does the proof show the problem on this very number?"),
    Clause.CRITICAL_DEFECT: _("Does the product have an unexpected critical error?"),
    Clause.REPAIR: _(
        "Is a remedy due, because the problem can't be resolved or the time to resolve it is over?"
    ),
    Clause.API_MISUSE: _("Did the customer use the API correctly, as far as this problem goes?"),
    Clause.THIRD_PARTY: _("Is the cause something other than the customer's own software?"),
}
"""A question for every clause that only a person can judge. Yes always speaks for the claim."""


def question(clause: Clause) -> str:
    """Return the question to a reviewer about a clause that only a person can judge."""
    return str(QUESTIONS[clause])


def explanations(terms: Terms) -> Mapping[Clause, str]:
    """Return each clause in a sentence or two for the policy page, with the numbers of `terms`."""
    fixed = {clause: str(text) for clause, text in _EXPLANATIONS.items()}
    return {**fixed, **_explanations_with_numbers(terms)}


def days(count: int) -> str:
    """Return `1 day`, `5 days`."""
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}


def _explanations_with_numbers(terms: Terms) -> Mapping[Clause, str]:
    return {
        Clause.CLAIM_WINDOW: gettext(
            "You can file a claim on the day of the purchase and for %(days)s after it, to the end"
            " of the last day (%(zone)s time). Each order shows its own deadline. Once it has"
            " passed, the product counts as activated."
        )
        % {"days": days(terms.claim_days), "zone": terms.time_zone},
        Clause.CLEAR_REASON: gettext(
            "Choose what went wrong and describe it in words, in at least %(fewest)s characters."
            " Extra spaces and invisible characters don't count, and one character repeated is not"
            " a reason."
        )
        % {"fewest": terms.reason_min_length},
        Clause.REPAIR: gettext(
            "After you report a major defect we may resolve it within %(days)s. If it can't be"
            " resolved, or that time is over, a remedy is due: the price you paid and no more, or a"
            " replacement of the same value if we offer one and you choose it."
        )
        % {"days": days(terms.repair_days)},
    }


_EXPLANATIONS: Final[Mapping[Clause, Promise]] = {
    Clause.TOP_UP: _(
        "Money added to your credit balance is not refunded; it is there to be spent."
    ),
    Clause.ALREADY_RETURNED: _(
        "An order's price goes back to your credit balance once at most. After that, whatever the "
        "cause was, there is nothing left to claim."
    ),
    Clause.TERMS: _(
        "You accept the terms and this policy when you file, and we record which version. A claim "
        "that conflicts with the terms can be rejected, and we then name the section."
    ),
    Clause.TELEGRAM_2FA_API: _(
        "No claim of any kind is possible on a Telegram number with two-factor authentication "
        "(2FA) that was bought through the API. The price still returns by itself when no SMS "
        "arrives in the allotted time."
    ),
    Clause.ALLOTTED_TIME: _(
        "Every number has a time in which it waits for an SMS. When that ends without one, we "
        "cancel the activation and the price returns to your credit balance by itself, so you "
        "need no claim while the number is still waiting."
    ),
    Clause.ACTIVATION_COMPLETE: _(
        "“SMS not received” is not possible when our records show both an SMS and a completed "
        "activation; “Invalid number” may fit instead. With an SMS but no completed "
        "activation, a person looks into it."
    ),
    Clause.SERVER_SIDE: _(
        "An “SMS not received” claim succeeds when the cause lay with us or our supplier. "
        "Our support team finds that out."
    ),
    Clause.SMS_RECEIVED: _(
        "“Invalid number” is for problems after an SMS came. Without an SMS, “SMS not "
        "received” is the claim that fits."
    ),
    Clause.PROOF: _(
        "An “Invalid number” claim needs at least one screenshot or video that shows the "
        "problem. For the other kinds of claim, proof is welcome but not needed."
    ),
    Clause.TELEGRAM_2FA_VIDEO: _(
        "For “Invalid number” on a Telegram number with 2FA, at least one proof must be a "
        "video. If you sent only a screenshot, we ask you for a video before we decide."
    ),
    Clause.CRITICAL_DEFECT: _(
        "A “Major defect” is an unexpected critical error of the product itself. Our support "
        "team checks whether there is one."
    ),
    Clause.API_MISUSE: _(
        "Problems that come from calling the API wrongly are not covered. We ask this only for "
        "orders bought through the API."
    ),
    Clause.THIRD_PARTY: _(
        "Problems caused by software of your own, such as a plugin, an extension or an unofficial "
        "client, are not covered. A service that refuses the number is not such software."
    ),
    Clause.ONE_LIVE_CLAIM: _(
        "An order has one open claim at a time. Go on with that one, or withdraw it first."
    ),
}
