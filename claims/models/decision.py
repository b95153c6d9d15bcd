from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import CreditTransfer
from accounts.models.append_only import append_only
from claims.models.claim import Claim
from claims.models.receipt import Receipt


class Decision(models.Model):
    """How a person ended a claim, on what grounds, and the credit that went back for it."""

    class Outcome(models.TextChoices):
        REFUND = "refund", "refund"
        REJECTION = "rejection", "rejection"

    claim = models.OneToOneField(Claim, on_delete=models.PROTECT)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    clause = models.CharField(max_length=24, blank=True, help_text="The clause of a rejection.")
    terms_section = models.CharField(
        max_length=80, blank=True, help_text="The section of the terms it conflicts with, if any."
    )
    note = models.TextField(blank=True, max_length=4000, help_text="The customer reads this.")
    answers = models.JSONField(
        default=dict, help_text="What the reviewer answered, by clause: met or failed."
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    decided_at = models.DateTimeField()
    receipt = models.OneToOneField(Receipt, on_delete=models.PROTECT)
    transfer = models.OneToOneField(CreditTransfer, on_delete=models.PROTECT, null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="refund", transfer__isnull=False, clause="")
                | (Q(outcome="rejection", transfer__isnull=True) & ~Q(clause="") & ~Q(note="")),
                name="refund_has_a_transfer_and_rejection_a_clause",
            ),
            models.CheckConstraint(
                condition=~Q(clause="terms") | ~Q(terms_section=""),
                name="conflict_with_terms_names_the_section",
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = append_only()

    def __str__(self) -> str:
        return f"{self.claim}: {self.get_outcome_display()}"
