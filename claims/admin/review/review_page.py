"""The contents of the review page, worked out for its templates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import User
from claims import policy, queries, wording
from claims.admin import badges
from claims.admin.review import evidence_hints, lease_notice
from claims.admin.review.available_actions import (
    REOPEN,
    AvailableAction,
    ReviewCase,
    actions_for,
    may_reopen,
    names_for,
)
from claims.admin.review.canned_replies import FittingReply, grouped, replies_for
from claims.admin.review.forms import DecisionForm
from claims.admin.stories import OrderMoment, StoryLine, claim_story, order_story
from claims.models import (
    Approval,
    ApprovalLimit,
    Claim,
    CustomerFlag,
    Decision,
    Event,
    Evidence,
    Lease,
    Message,
    Note,
    Order,
    Receipt,
    Replacement,
    WrongPayment,
)
from claims.queries import CustomerRecord
from claims.queries.core.claim_actions import ActionName
from claims.queries.review.approval_limits import exceeded_limit
from claims.queries.review.exclusions import exclusions_of
from claims.queries.review.replacements import requested_replacement
from claims.wording.outcomes import words_of, yes_or_no

MOST_OTHERS = 8


def claims_to_review() -> QuerySet[Claim]:
    return Claim.objects.select_related(
        "order__number",
        "order__customer",
        "order__policy_version",
        "order__return_transfer",
        "decision__by",
        "decision__transfer",
        "decision__receipt",
        "approval__by",
        "assignee",
    )


def newest_event(claim_id: int) -> int:
    """Return the newest event's id. Read it first, so that a decision misses nothing newer."""
    newest = Event.objects.filter(claim_id=claim_id).order_by("-pk").values_list("pk", flat=True)
    return newest.first() or 0


@dataclass(frozen=True)
class ReceiptLine:
    """One clause: its outcome, and its outcome at the filing if that differs."""

    finding: policy.Finding
    at_filing: policy.Outcome | None = None
    changed: bool = False
    answer: str = ""

    @property
    def title(self) -> str:
        return wording.title(self.finding.clause)

    @property
    def is_told(self) -> bool:
        """Return whether the clause needs a sentence: only a failed one does."""
        return self.finding.outcome == policy.Outcome.FAILED

    @property
    def outcome(self) -> str:
        return str(words_of(self.finding.outcome).for_staff)

    @property
    def css(self) -> str:
        return words_of(self.finding.outcome).tone

    @property
    def filed(self) -> str:
        return str(words_of(self.at_filing).for_staff) if self.at_filing else gettext("not asked")

    @property
    def answered(self) -> str:
        return yes_or_no(self.answer)


class ReviewPage:
    """All parts of one claim for one viewer. Each is read when the template asks for it."""

    def __init__(
        self,
        claim: Claim,
        *,
        seen: int,
        viewer: User,
        form: DecisionForm | None = None,
        acting: str = "",
        reply: int | None = None,
    ) -> None:
        """`form` holds the draft, `acting` names its action, `reply` is the chosen canned reply."""
        self.claim = claim
        self.order: Order = claim.order
        self.seen = seen
        self.viewer = viewer
        self.now = timezone.now()
        self.acting = acting
        self.reply = reply
        self._form = form

    @cached_property
    def decision(self) -> Decision | None:
        return self.claim.decision

    @cached_property
    def filed(self) -> Receipt:
        return self.claim.receipts.filter(occasion=Receipt.Occasion.FILED)[0]

    @cached_property
    def verdict(self) -> policy.Verdict:
        """The verdict now if the claim is open, else at the decision, else at the filing."""
        if self.claim.is_open:
            return self.claim.assess()
        return self.decision.receipt.verdict if self.decision else self.filed.verdict

    @property
    def receipt_lines(self) -> list[ReceiptLine]:
        filed = {finding.clause: finding.outcome for finding in self.filed.verdict.findings}
        answers = self.decision.answers if self.decision else {}
        return [
            ReceiptLine(
                finding,
                at_filing=filed.get(finding.clause),
                changed=filed.get(finding.clause) != finding.outcome,
                answer=answers.get(finding.clause, ""),
            )
            for finding in self.verdict.findings
        ]

    @cached_property
    def is_own(self) -> bool:
        return self.order.customer_id == self.viewer.pk

    @cached_property
    def may_review(self) -> bool:
        """Return whether this viewer may act on the claim at all."""
        return self.viewer.has_perm("claims.review_claim") and not self.is_own

    @cached_property
    def lease(self) -> Lease | None:
        """The lease of the reviewer who is working on the claim."""
        return lease_notice.live_lease(self.claim, now=self.now)

    @property
    def is_held(self) -> bool:
        """Return whether the viewer is working on the claim."""
        return self.lease is not None and self.lease.holder_id == self.viewer.pk

    @property
    def may_take(self) -> bool:
        return self.claim.is_open and self.may_review and self.lease is None

    @property
    def lease_told(self) -> str:
        return lease_notice.told(self.claim, self.lease, viewer=self.viewer)

    @property
    def may_decide(self) -> bool:
        return self.claim.is_open and self.may_review and self.is_held

    @property
    def is_kept(self) -> bool:
        """Return whether there is a draft that can't be sent now and must not be lost."""
        return self._form is not None and self.may_review and not self.may_decide

    @cached_property
    def form(self) -> DecisionForm:
        return self._form or DecisionForm(self.claim, note=self._first_words)

    @property
    def _first_words(self) -> str:
        """The chosen canned reply, or the note of the first of two people."""
        chosen = [reply.text for reply in self.replies if reply.pk == self.reply]
        return chosen[0] if chosen else self.approval.note if self.approval else ""

    @cached_property
    def replies(self) -> list[FittingReply]:
        return replies_for(self.claim, self.verdict) if self.may_decide else []

    @property
    def reply_groups(self) -> list[tuple[str, list[FittingReply]]]:
        return grouped(self.replies)

    @cached_property
    def limit(self) -> ApprovalLimit | None:
        """The most that one person may pay alone, if the price is more."""
        return exceeded_limit(self.order, self.order.refundable)

    @property
    def approval(self) -> Approval | None:
        """The approval by the first of two people."""
        return self.claim.approval

    @property
    def approval_answers(self) -> list[tuple[str, str]]:
        answers = self.approval.answers if self.approval else {}
        return [
            (wording.title(policy.Clause(clause)), yes_or_no(answer) or answer)
            for clause, answer in answers.items()
        ]

    @cached_property
    def acts(self) -> list[AvailableAction]:
        if not self.may_decide:
            return []
        return actions_for(
            ReviewCase(
                claim=self.claim,
                verdict=self.verdict,
                viewer=self.viewer,
                takes_two=self.limit is not None,
                excluded=exclusions_of(self.claim, self.viewer),
            )
        )

    @cached_property
    def requested(self) -> Replacement | None:
        """The replacement that the shop was asked for and has not answered."""
        return requested_replacement(self.claim)

    @cached_property
    def possible(self) -> list[ActionName]:
        """The actions that the table allows for this claim and this viewer."""
        return names_for(self.claim, self.viewer) if self.may_review else []

    @cached_property
    def reopening(self) -> AvailableAction | None:
        may = not self.is_own and may_reopen(self.claim, self.viewer)
        return REOPEN if may else None

    @cached_property
    def customer(self) -> CustomerRecord:
        return queries.record_of(self.claim, now=self.now)

    @cached_property
    def called(self) -> str:
        """Return the customer's address, or the shop's id of a customer without one, or ''."""
        customer = self.order.customer
        own_first = customer.customer_ids.order_by(F("merged_at").asc(nulls_first=True))
        return customer.email or str(own_first.first() or "")

    @property
    def ended(self) -> list[tuple[str, str, int]]:
        """The customer's other claims: each status in words, its tone, and the number."""
        claims = self.customer.claims
        return [
            (str(status.label), badges.status_tone(status), claims[status])
            for status in Claim.Status
            if status in claims
        ]

    @cached_property
    def flags(self) -> list[CustomerFlag]:
        """The customer's raised flags, the newest first."""
        flags = CustomerFlag.objects.raised(now=self.now).select_related("by")
        return list(flags.filter(customer=self.order.customer_id))

    @cached_property
    def wrong_payment(self) -> WrongPayment | None:
        """The statement that the claim's refund was paid wrongly, or None."""
        marked = WrongPayment.objects.select_related("by")
        return marked.filter(decision=self.decision).first() if self.decision else None

    @cached_property
    def notes(self) -> list[Note]:
        return list(self.claim.notes.select_related("author"))

    @property
    def errors(self) -> list[str]:
        return self._form.all_errors if self._form else []

    @property
    def clause_title(self) -> str:
        """The title of the clause that a rejection names."""
        clause = self.decision.clause if self.decision else ""
        return wording.title(policy.Clause(clause)) if clause else ""

    @property
    def status_tone(self) -> str:
        return badges.status_tone(Claim.Status(self.claim.status))

    @property
    def repair_due(self) -> datetime | None:
        """The deadline to resolve a major defect, or None for other kinds."""
        if self.claim.kind != Claim.Kind.MAJOR_DEFECT:
            return None
        return policy.repair_deadline(self.claim.filed_at, self.order.policy_version.terms)

    @property
    def remedy_is_due(self) -> bool:
        return self.claim.is_open and self.repair_due is not None and self.repair_due <= self.now

    @property
    def story(self) -> list[OrderMoment]:
        steps = [
            *order_story(self.order, now=self.now),
            self._step(self.claim.filed_at, gettext("Claim filed"), "info"),
        ]
        if self.repair_due:
            over = gettext("Time to resolve the defect is over")
            steps.append(self._step(self.repair_due, over, "warn"))
        return sorted(steps, key=lambda step: step.at)

    def _step(self, at: datetime, what: str, tone: str) -> OrderMoment:
        return OrderMoment(at, what, tone, ahead=at > self.now)

    @cached_property
    def evidence(self) -> list[Evidence]:
        return list(queries.evidence_of(self.claim))

    @cached_property
    def files(self) -> list[evidence_hints.EvidenceHints]:
        """The files of the claim, with the hints on each."""
        uploads = [item.upload for item in self.evidence]
        found = queries.duplicates_of(self.claim, uploads)
        return [
            evidence_hints.EvidenceHints(
                item,
                [
                    evidence_hints.Seen(duplicate, self.claim)
                    for duplicate in found.get(item.upload_id, [])
                ],
                self.claim,
            )
            for item in self.evidence
        ]

    @cached_property
    def thread(self) -> list[Message]:
        return list(queries.messages_of(self.claim))

    @cached_property
    def events(self) -> list[StoryLine]:
        """The events of the claim and its order, without the looks at its evidence."""
        events = Event.objects.filter(order=self.order).exclude(kind=Event.Kind.EVIDENCE_SEEN)
        return claim_story(events.select_related("actor", "claim"))

    @cached_property
    def others(self) -> list[Claim]:
        """The newest of the customer's other claims, with their decisions."""
        others = Claim.objects.filter(order__customer=self.order.customer_id)
        return list(
            others.exclude(pk=self.claim.pk)
            .select_related("order__number", "decision")
            .order_by("-filed_at", "-id")[:MOST_OTHERS]
        )
