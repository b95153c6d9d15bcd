"""The subject of each mail to a customer, by the kind of its event."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SUBJECTS: Final[Mapping[str, Promise]] = {
    "filed": _("We have your claim %(code)s"),
    "evidence_refused": _("Claim %(code)s: we need another file"),
    "evidence_requested": _("Claim %(code)s: we need something from you"),
    "reminded": _("Claim %(code)s: we still wait for you"),
    "replied": _("Claim %(code)s: a message for you"),
    "repair_started": _("Claim %(code)s: we are working on it"),
    "not_repairable": _("Claim %(code)s: a remedy is due"),
    "offered": _("Claim %(code)s: we offer you a replacement"),
    "offer_answered": _("Claim %(code)s: we have your choice"),
    "replaced": _("Claim %(code)s: your new number"),
    "goodwill": _("Claim %(code)s: credit for you"),
    "repaired": _("Claim %(code)s: it is resolved"),
    "objected": _("Claim %(code)s: we look at it again"),
    "appealed": _("Claim %(code)s: we have your appeal"),
    "reopened": _("Claim %(code)s: we look at it again"),
    "refunded": _("Claim %(code)s: your credit is back"),
    "rejected": _("Claim %(code)s: our decision"),
    "returned": _("Claim %(code)s: your credit came back by itself"),
}

MERGE_SUBJECT: Final[Promise] = _("Two accounts of yours are to become one")


def subject(kind: str, code: str) -> str:
    """Return the subject of the mail about an event of this kind, in the active language."""
    return str(SUBJECTS[kind]) % {"code": code}
