"""The functions behind the buttons of the review page: each does one action and reports it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from claims.actions.core.locks import refuse_closed
from claims.actions.review import (
    assignment,
    conversation,
    corrections,
    decisions,
    flags,
    notes,
    offers,
    reopening,
    repairs,
)
from claims.admin.review.forms import DecisionForm
from claims.models import Approval, Claim, Decision
from claims.queries.core.claim_actions import ActionName

Submission = Callable[[Claim, User, DecisionForm], str]


def approve(claim: Claim, by: User, form: DecisionForm) -> str:
    made = decisions.approve(
        claim_id=claim.pk,
        by=by,
        seen=form.cleaned_data["seen"],
        answers=form.answers,
        note=form.cleaned_data["note"],
        now=timezone.now(),
    )
    return _paid(claim, made)


def goodwill(claim: Claim, by: User, form: DecisionForm) -> str:
    made = decisions.give_goodwill(
        claim_id=claim.pk,
        by=by,
        seen=form.cleaned_data["seen"],
        amount=form.cleaned_data["amount"] or claim.order.refundable,
        note=form.cleaned_data["note"],
        now=timezone.now(),
    )
    return _paid(claim, made)


def _paid(claim: Claim, made: Decision | Approval) -> str:
    if isinstance(made, Approval):
        return _(
            "%(claim)s: %(amount)s %(currency)s is more than one person pays alone. Your"
            " approval is kept, and somebody else's is needed."
        ) % {"claim": claim, "amount": made.amount, "currency": made.currency}
    transfer = made.transfer
    returned = f"{transfer.amount} {transfer.currency}" if transfer else _("nothing")
    told = {"claim": claim, "amount": returned, "customer": claim.order.customer}
    if made.outcome == Decision.Outcome.GOODWILL:
        return _("%(claim)s is ended with goodwill: %(amount)s went back to %(customer)s.") % told
    return _("%(claim)s is approved: %(amount)s went back to %(customer)s.") % told


def reject(claim: Claim, by: User, form: DecisionForm) -> str:
    decisions.reject(
        claim_id=claim.pk,
        by=by,
        seen=form.cleaned_data["seen"],
        answers=form.answers,
        clause=form.cleaned_data["clause"],
        terms_section=form.cleaned_data["terms_section"],
        note=form.cleaned_data["note"],
        now=timezone.now(),
    )
    return _("%(claim)s is rejected. %(customer)s gets a mail with your note.") % {
        "claim": claim,
        "customer": claim.order.customer,
    }


def ask(claim: Claim, by: User, form: DecisionForm) -> str:
    conversation.ask_for_evidence(**_written(claim, by, form))
    if claim.status == Claim.Status.REPAIRING:
        return _("%(customer)s is asked, by a mail with your note; the repair goes on.") % {
            "customer": claim.order.customer
        }
    return _("%(claim)s waits for %(customer)s, who gets a mail with your note.") % {
        "claim": claim,
        "customer": claim.order.customer,
    }


def reply(claim: Claim, by: User, form: DecisionForm) -> str:
    conversation.reply(**_written(claim, by, form))
    return _("%(customer)s gets a mail with your words. The claim stays where it is.") % {
        "customer": claim.order.customer
    }


def start_repair(claim: Claim, by: User, form: DecisionForm) -> str:
    repairs.start_repair(**_written(claim, by, form))
    return _("%(claim)s is being repaired. It stays among your own claims.") % {"claim": claim}


def repaired(claim: Claim, by: User, form: DecisionForm) -> str:
    repairs.mark_repaired(**_written(claim, by, form))
    return _("%(claim)s is repaired. %(customer)s gets a mail with your note.") % {
        "claim": claim,
        "customer": claim.order.customer,
    }


def unrepairable(claim: Claim, by: User, form: DecisionForm) -> str:
    repairs.give_up_repair(**_written(claim, by, form))
    return _("%(claim)s can't be repaired: return the price now, or offer a replacement.") % {
        "claim": claim
    }


def offer(claim: Claim, by: User, form: DecisionForm) -> str:
    made = offers.offer_replacement(**_written(claim, by, form), answers=form.answers)
    if isinstance(made, Approval):
        return _paid(claim, made)
    return _("%(customer)s is offered a replacement, and gets a mail with your note.") % {
        "customer": claim.order.customer
    }


def _written(claim: Claim, by: User, form: DecisionForm) -> dict[str, Any]:
    return {
        "claim_id": claim.pk,
        "by": by,
        "seen": form.cleaned_data["seen"],
        "note": form.cleaned_data["note"],
        "now": timezone.now(),
    }


def reopen(claim: Claim, by: User, form: DecisionForm) -> str:
    reopening.reopen(claim_id=claim.pk, by=by, note=form.cleaned_data["note"], now=timezone.now())
    return _("%(claim)s is open again, for one more decision.") % {"claim": claim}


def correct(claim: Claim, by: User, form: DecisionForm) -> str:
    corrections.correct_facts(
        claim_id=claim.pk,
        by=by,
        seen=form.cleaned_data["seen"],
        correction=corrections.Correction(
            two_factor=form.cleaned_data["two_factor"],
            channel=form.cleaned_data["channel"] or claim.channel,
            service=form.cleaned_data["service"] or claim.service,
        ),
        note=form.cleaned_data["why"],
        now=timezone.now(),
    )
    return _("%(claim)s is corrected and assessed again.") % {"claim": claim}


def note(claim: Claim, by: User, form: DecisionForm) -> str:
    notes.add_note(claim_id=claim.pk, by=by, body=form.cleaned_data["internal"], now=timezone.now())
    return _("Your note is kept. The customer doesn't see it.")


def assign(claim: Claim, by: User, form: DecisionForm) -> str:
    refuse_closed(claim, ActionName.ASSIGN)
    to = form.cleaned_data["assignee"]
    assignment.assign(claim_ids=[claim.pk], to=to, by=by, now=timezone.now())
    if to is None:
        return _("%(claim)s is unassigned.") % {"claim": claim}
    return _("%(claim)s is assigned to %(assignee)s.") % {"claim": claim, "assignee": to}


def flag(claim: Claim, by: User, form: DecisionForm) -> str:
    flags.flag_customer(
        claim_id=claim.pk,
        by=by,
        reason=form.cleaned_data["flag_reason"],
        until=form.cleaned_data["flag_until"],
        now=timezone.now(),
    )
    return _("%(customer)s is flagged.") % {"customer": claim.order.customer}


def lift_flag(claim: Claim, by: User, form: DecisionForm) -> str:
    flag_id = form.cleaned_data["flag"] or 0
    flags.lift_flag(claim_id=claim.pk, flag_id=flag_id, by=by, now=timezone.now())
    return _("The flag of %(customer)s is lifted.") % {"customer": claim.order.customer}


def mark_wrongly_paid(claim: Claim, by: User, form: DecisionForm) -> str:
    reason = form.cleaned_data["wrong_reason"]
    flags.mark_wrongly_paid(claim_id=claim.pk, by=by, reason=reason, now=timezone.now())
    return _("The refund of %(claim)s is marked as wrongly paid.") % {"claim": claim}


SUBMISSIONS: Final[Mapping[ActionName, Submission]] = {
    ActionName.APPROVE: approve,
    ActionName.REJECT: reject,
    ActionName.ASK: ask,
    ActionName.OFFER: offer,
    ActionName.START_REPAIR: start_repair,
    ActionName.MARK_REPAIRED: repaired,
    ActionName.GIVE_UP_REPAIR: unrepairable,
    ActionName.REPLY: reply,
    ActionName.GIVE_GOODWILL: goodwill,
    ActionName.REOPEN: reopen,
    ActionName.CORRECT: correct,
    ActionName.NOTE: note,
    ActionName.FLAG: flag,
    ActionName.LIFT_FLAG: lift_flag,
    ActionName.MARK_WRONGLY_PAID: mark_wrongly_paid,
    ActionName.ASSIGN: assign,
}
"""The function for each action that the table has for staff. A test checks that none is missing."""
