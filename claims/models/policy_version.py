from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import pgtrigger
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.append_only import never_truncated
from accounts.models.user import validate_time_zone
from claims.policy import Terms

REFUSE_IF_USED = """
IF EXISTS (SELECT 1 FROM claims_order WHERE policy_version_id = OLD.id) THEN
    RAISE EXCEPTION 'orders were bought under policy version %; add a newer one', OLD.name;
END IF;
IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
RETURN NEW;
"""


class PolicyVersionManager(models.Manager["PolicyVersion"]):
    def in_force(self, *, at: datetime) -> PolicyVersion:
        """Return the version in force at this instant, or else the earliest version."""
        versions = self.order_by("-effective_from")
        return versions.filter(effective_from__lte=at).first() or versions.reverse()[0]


class PolicyVersion(models.Model):
    """The numbers of the return policy from an instant on. An order keeps its version."""

    name = models.CharField(max_length=32, unique=True)
    effective_from = models.DateTimeField(unique=True)
    terms_version = models.CharField(
        max_length=32, help_text=_("Version of the terms' text that a customer accepts.")
    )
    claim_days = models.PositiveSmallIntegerField(
        default=5,
        validators=[MinValueValidator(1)],
        help_text=_("Whole days after the order date."),
    )
    repair_days = models.PositiveSmallIntegerField(
        default=5, validators=[MinValueValidator(1)], help_text=_("Days after the filing.")
    )
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    reason_min_length = models.PositiveSmallIntegerField(
        default=20, help_text=_("Characters, once white space is collapsed.")
    )

    objects: ClassVar[PolicyVersionManager] = PolicyVersionManager()

    class Meta:
        ordering = ["-effective_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(claim_days__gte=1, repair_days__gte=1), name="policy_days_are_positive"
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Trigger(
                name="is_kept_once_used",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=REFUSE_IF_USED,
            ),
            never_truncated(),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def terms(self) -> Terms:
        return Terms(
            version=self.terms_version,
            claim_days=self.claim_days,
            repair_days=self.repair_days,
            time_zone=self.time_zone,
            reason_min_length=self.reason_min_length,
        )
