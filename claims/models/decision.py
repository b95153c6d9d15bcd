from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import CreditTransfer
from accounts.models.append_only import append_only
from claims.models.approval import Approval
from claims.models.claim import Claim
from claims.models.receipt import Receipt

MOST_ROUNDS = 4
"""The most decisions of one claim. A customer can object to a repair once and appeal a rejection
once, and a supervisor can reopen it once; each leads to one more decision."""

# The limit is data, so only the database can enforce it for every door. An approval counts for its
# own outcome and amount only.
TAKE_TWO = """
SELECT amount, currency INTO paid FROM accounts_credittransfer WHERE id = NEW.transfer_id;
IF EXISTS (
    SELECT 1 FROM claims_approvallimit AS most
     WHERE most.currency = paid.currency AND paid.amount > most.amount
) AND NOT EXISTS (
    SELECT 1 FROM claims_approval AS first
     WHERE first.id = NEW.approval_id AND first.claim_id = NEW.claim_id
       AND first.by_id <> NEW.by_id AND first.outcome = NEW.outcome AND first.amount = paid.amount
) THEN
    RAISE EXCEPTION 'more than the approval limit takes two people';
END IF;
RETURN NEW;
"""

# Only an order that cost nothing is refunded without a transfer.
REFUND_WHAT_WAS_PAID = """
IF EXISTS (
    SELECT FROM claims_claim AS claim
      JOIN claims_order AS bought ON bought.id = claim.order_id
      JOIN accounts_charge AS charge ON charge.id = bought.charge_id
     WHERE claim.id = NEW.claim_id AND charge.amount > 0
) THEN
    RAISE EXCEPTION 'a refund moves the price back';
END IF;
RETURN NEW;
"""

# A person who decided before the appeal would judge their own decision.
TAKE_ANOTHER = """
IF EXISTS (
    SELECT 1 FROM claims_event AS appeal
      JOIN claims_decision AS earlier ON earlier.claim_id = appeal.claim_id
     WHERE appeal.claim_id = NEW.claim_id AND appeal.kind = 'appealed'
       AND earlier.decided_at <= appeal.at AND earlier.by_id = NEW.by_id
) THEN
    RAISE EXCEPTION 'an appeal is decided by another person';
END IF;
RETURN NEW;
"""


class Decision(models.Model):
    """The end of a claim: its outcome, its grounds, and the credit that went back."""

    class Outcome(models.TextChoices):
        REFUND = "refund", _("refund")
        GOODWILL = "goodwill", _("goodwill")
        REPLACEMENT = "replacement", _("replacement")
        REPAIR = "repair", _("repair")
        REJECTION = "rejection", _("rejection")

    # The index of `one_decision_per_round` begins with the claim.
    claim = models.ForeignKey(
        Claim, on_delete=models.PROTECT, related_name="decisions", db_index=False
    )
    round = models.PositiveSmallIntegerField(
        default=1, help_text=_("1, and one more for each time the claim was reopened.")
    )
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    clause = models.CharField(max_length=24, blank=True, help_text=_("The clause of a rejection."))
    terms_section = models.CharField(
        max_length=80,
        blank=True,
        help_text=_("The section of the terms it conflicts with, if any."),
    )
    note = models.TextField(blank=True, max_length=4000, help_text=_("The customer reads this."))
    answers = models.JSONField(
        default=dict, help_text=_("What the reviewer answered, by clause: met or failed.")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        help_text=_("Nobody: the system, because no answer came in time."),
    )
    approval = models.OneToOneField(
        Approval,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        help_text=_("Of the first of two people, where it takes two."),
    )
    decided_at = models.DateTimeField()
    receipt = models.OneToOneField(Receipt, on_delete=models.PROTECT)
    transfer = models.OneToOneField(CreditTransfer, on_delete=models.PROTECT, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["claim", "round"], name="one_decision_per_round"),
            models.CheckConstraint(
                condition=Q(round__gte=1, round__lte=MOST_ROUNDS),
                name="claim_is_decided_a_few_times",
            ),
            models.CheckConstraint(
                condition=Q(outcome="refund", clause="")
                | (Q(outcome="goodwill", transfer__isnull=False, clause="") & ~Q(note=""))
                | Q(outcome__in=["repair", "replacement"], transfer__isnull=True, clause="")
                | (Q(outcome="rejection", transfer__isnull=True) & ~Q(clause="") & ~Q(note="")),
                name="decision_has_what_its_outcome_needs",
            ),
            models.CheckConstraint(
                condition=Q(by__isnull=False) | Q(outcome="rejection"),
                name="only_a_rejection_is_nobodys",
            ),
            models.CheckConstraint(
                condition=~Q(clause="terms") | ~Q(terms_section=""),
                name="conflict_with_terms_names_the_section",
            ),
        ]
        indexes = [
            # Serves the figures of the last seven days, and the admin's list, newest first.
            models.Index(fields=["decided_at"], name="decisions_by_time"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            *append_only(),
            pgtrigger.Trigger(
                name="takes_two_above_the_limit",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__transfer__isnull=False),
                declare=[("paid", "record")],
                func=TAKE_TWO,
            ),
            pgtrigger.Trigger(
                name="refunds_what_was_paid",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__outcome="refund", new__transfer__isnull=True),
                func=REFUND_WHAT_WAS_PAID,
            ),
            pgtrigger.Trigger(
                name="takes_another_after_an_appeal",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__round__gt=1),
                func=TAKE_ANOTHER,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim}: {self.get_outcome_display()}"

    @property
    def who(self) -> str:
        """Return the name of the person who decided, or of the system."""
        return str(self.by or _("The system"))
