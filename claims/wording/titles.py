"""The title of each clause."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from claims.policy import Clause

TITLES: Final[Mapping[Clause, Promise]] = {
    Clause.TOP_UP: _("Credit top-ups"),
    Clause.ALREADY_RETURNED: _("Already returned"),
    Clause.CLAIM_WINDOW: _("Time to file a claim"),
    Clause.CLEAR_REASON: _("A clear reason"),
    Clause.TERMS: _("Terms and return policy"),
    Clause.TELEGRAM_2FA_API: _("Telegram 2FA numbers bought through the API"),
    Clause.ALLOTTED_TIME: _("Time allotted for an SMS"),
    Clause.ACTIVATION_COMPLETE: _("Completed activations"),
    Clause.SERVER_SIDE: _("A cause on our side"),
    Clause.SMS_RECEIVED: _("An SMS was received"),
    Clause.PROOF: _("Proof of an invalid number"),
    Clause.TELEGRAM_2FA_VIDEO: _("Video for Telegram 2FA numbers"),
    Clause.CRITICAL_DEFECT: _("Critical errors"),
    Clause.REPAIR: _("Time to resolve the problem"),
    Clause.API_MISUSE: _("Correct use of the API"),
    Clause.THIRD_PARTY: _("Your own software"),
    Clause.ONE_LIVE_CLAIM: _("One open claim per order"),
}


def title(clause: Clause) -> str:
    """Return the title in the active language."""
    return str(TITLES[clause])
