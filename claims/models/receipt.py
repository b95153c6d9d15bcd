from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.append_only import append_only
from claims import policy
from claims.models.claim import Claim
from claims.models.policy_version import PolicyVersion


class Receipt(models.Model):
    """The verdict on a claim at one moment: its facts, every finding, the policy version."""

    class Occasion(models.TextChoices):
        FILED = "filed", _("when it was filed")
        DECIDED = "decided", _("when it was decided")

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="receipts")
    occasion = models.CharField(max_length=8, choices=Occasion.choices)
    made_at = models.DateTimeField()
    policy_version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, db_index=False)
    facts = models.JSONField()
    findings = models.JSONField()

    class Meta:
        ordering = ["made_at", "id"]
        triggers: ClassVar[list[pgtrigger.Trigger]] = append_only()

    def __str__(self) -> str:
        return f"{self.claim}, {self.get_occasion_display()}"

    @property
    def verdict(self) -> policy.Verdict:
        return policy.Verdict.from_dict({"findings": self.findings})
