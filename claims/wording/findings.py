"""The sentences of each finding for the customer, with what to do about it."""

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext_lazy as _

from claims.policy import Clause, Finding, Outcome
from claims.wording.clauses import days
from claims.wording.instants import in_words

# The variant depends on the finding's params; most findings have only one sentence.
SENTENCES: Final[Mapping[tuple[Clause, Outcome, str], Promise]] = {
    (Clause.TOP_UP, Outcome.FAILED, ""): _(
        "A credit top-up can't be refunded, so there is no claim to file. The credit stays in your"
        " balance, ready for any number."
    ),
    (Clause.TOP_UP, Outcome.MET, ""): _("This order is for a number, not for a credit top-up."),
    (Clause.ALREADY_RETURNED, Outcome.FAILED, "return"): _(
        "The price of this order is already back in your credit balance. You can see the line under"
        " My credit."
    ),
    (Clause.ALREADY_RETURNED, Outcome.FAILED, "replacement"): _(
        "This order was replaced by another number, at no cost. If that one fails you, too, you can"
        " file a claim on it."
    ),
    (Clause.ALREADY_RETURNED, Outcome.MET, ""): _(
        "The price of this order has not been returned before."
    ),
    (Clause.CLAIM_WINDOW, Outcome.FAILED, ""): _(
        "The time for a claim on this order ended on %(closes_at)s: the limit is %(days)s after the"
        " purchase date. Our support team is still glad to answer your questions."
    ),
    (Clause.CLAIM_WINDOW, Outcome.MET, ""): _(
        "In time: a claim on this order can be filed before %(closes_at)s. The limit is %(days)s"
        " after the purchase date."
    ),
    (Clause.CLEAR_REASON, Outcome.FAILED, "kind"): _("Please choose what went wrong."),
    (Clause.CLEAR_REASON, Outcome.FAILED, "length"): _(
        "Please describe what happened in at least %(fewest)s characters, not counting extra"
        " spaces."
    ),
    (Clause.CLEAR_REASON, Outcome.FAILED, "words"): _(
        "Please describe what happened in words: one character repeated doesn't tell us enough."
    ),
    (Clause.CLEAR_REASON, Outcome.MET, ""): _("You told us what went wrong."),
    (Clause.TERMS, Outcome.FAILED, ""): _(
        "Please accept the terms and the return policy (version %(version)s) to go on."
    ),
    (Clause.TERMS, Outcome.FOR_REVIEWER, ""): _(
        "You accepted the terms and the return policy. Our support team will check that the claim"
        " agrees with them; there is nothing for you to do."
    ),
    (Clause.TELEGRAM_2FA_API, Outcome.FAILED, ""): _(
        "A Telegram number with two-factor authentication (2FA) that was bought through the API"
        " can't be refunded by a claim. If your number has no 2FA, please tell our support team."
    ),
    (Clause.TELEGRAM_2FA_API, Outcome.MET, ""): _(
        "This is not a Telegram number with 2FA that was bought through the API."
    ),
    (Clause.ALLOTTED_TIME, Outcome.FAILED, "returns"): _(
        "This number can still receive an SMS, so please wait. If none arrives, the price returns"
        " to your credit balance by itself on %(ends_at)s, and you need no claim."
    ),
    (Clause.ALLOTTED_TIME, Outcome.FAILED, "waits"): _(
        "This number can still receive an SMS, so please wait. Its allotted time ends on"
        " %(ends_at)s; you can file this claim from then on."
    ),
    (Clause.ALLOTTED_TIME, Outcome.MET, ""): _("The wait for an SMS on this number is over."),
    (Clause.ACTIVATION_COMPLETE, Outcome.FAILED, ""): _(
        "Our records show that an SMS arrived and the activation was completed. If the number did"
        " not work after that, please choose “Invalid number” instead."
    ),
    (Clause.ACTIVATION_COMPLETE, Outcome.MET, ""): _("Our records show no SMS on this number."),
    (Clause.ACTIVATION_COMPLETE, Outcome.FOR_REVIEWER, ""): _(
        "Our records show an SMS on %(sms_received_at)s, but no completed activation. Our support"
        " team will look into it; there is nothing for you to do."
    ),
    (Clause.SERVER_SIDE, Outcome.FOR_REVIEWER, ""): _(
        "Our support team will check whether the cause lay with us or our supplier; there is"
        " nothing for you to do."
    ),
    (Clause.SMS_RECEIVED, Outcome.FAILED, ""): _(
        "Our records show no SMS on this number. Please choose “SMS not received” instead."
    ),
    (Clause.SMS_RECEIVED, Outcome.MET, ""): _(
        "An SMS arrived on this number on %(sms_received_at)s."
    ),
    (Clause.PROOF, Outcome.FAILED, ""): _(
        "Please add at least one screenshot or video that shows the problem."
    ),
    (Clause.PROOF, Outcome.FOR_REVIEWER, ""): _(
        "Thank you for the proof. Our support team will check that it shows the problem, and will"
        " write to you if more is needed."
    ),
    (Clause.TELEGRAM_2FA_VIDEO, Outcome.FAILED, ""): _(
        "This is a Telegram number with 2FA, so a screenshot alone is not enough: please add at"
        " least one video that shows the problem."
    ),
    (Clause.TELEGRAM_2FA_VIDEO, Outcome.MET, ""): _(
        "You added the video that a Telegram 2FA number needs."
    ),
    (Clause.CRITICAL_DEFECT, Outcome.FOR_REVIEWER, ""): _(
        "Our support team will check whether the product has an unexpected critical error; a"
        " screenshot or a video helps."
    ),
    (Clause.REPAIR, Outcome.FOR_REVIEWER, ""): _(
        "We may resolve the problem until %(ends_at)s, %(days)s after the filing. If we can't, our"
        " support team will decide about your refund; we will write to you."
    ),
    (Clause.API_MISUSE, Outcome.FOR_REVIEWER, ""): _(
        "You bought this number through the API. Our support team will check that the API was used"
        " correctly; the calls you made, in your reason, help."
    ),
    (Clause.THIRD_PARTY, Outcome.FOR_REVIEWER, ""): _(
        "Our support team will check that the cause was not software of your own, such as a plugin"
        " or an unofficial client; if you used any, please say so in your reason."
    ),
    (Clause.ONE_LIVE_CLAIM, Outcome.FAILED, ""): _(
        "There is already an open claim on this order. Please go on with that one, or withdraw it"
        " before you file another."
    ),
    (Clause.ONE_LIVE_CLAIM, Outcome.MET, ""): _("No other claim on this order is open."),
}


def sentence(finding: Finding, zone: tzinfo | None = None) -> str:
    """Return the finding in the active language; instants are in `zone`, or the active one."""
    words = _in_words(finding.params, zone)
    key = finding.clause, finding.outcome
    return " ".join(str(SENTENCES[*key, variant]) % words for variant in _variants(finding.params))


def refusals(findings: Iterable[Finding]) -> list[ValidationError]:
    """Return a `ValidationError` for each finding, with its clause's slug as the code.

    The sentence is made when somebody reads it.
    """
    return [
        ValidationError(_escaped_sentence(each), code=each.clause, params=dict(each.params))
        for each in findings
    ]


def _variants(params: Mapping[str, Any]) -> list[str]:
    if "by" in params:
        return [params["by"]]
    if "lacks" in params:
        return list(params["lacks"])
    if "returns_by_itself" in params:
        return ["returns" if params["returns_by_itself"] else "waits"]
    return [""]


def _in_words(params: Mapping[str, Any], zone: tzinfo | None) -> dict[str, object]:
    """Put instants and counted days into words; leave the rest as it is."""
    words = dict(params)
    for name in params.keys() & {"closes_at", "ends_at", "sms_received_at"}:
        words[name] = in_words(datetime.fromisoformat(params[name]), zone)
    if "days" in params:
        words["days"] = days(params["days"])
    return words


def _escape(finding: Finding) -> str:
    """Return the sentence so that `ValidationError`, which puts params into it, leaves it alone."""
    text = sentence(finding)
    return text.replace("%", "%%") if finding.params else text


_escaped_sentence = lazy(_escape, str)
