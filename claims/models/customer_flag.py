from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.append_only import append_only, never_deleted
from accounts.models.customer_merge import changes_owner_by_merge
from claims.models.claim import Claim
from claims.models.decision import Decision


class CustomerFlagQuerySet(models.QuerySet["CustomerFlag"]):
    def raised(self, *, now: datetime) -> CustomerFlagQuerySet:
        """Return the flags that nobody lifted and whose time isn't over."""
        lasting = Q(until__isnull=True) | Q(until__gt=now)
        return self.filter(lasting, lifted_at__isnull=True)


class CustomerFlag(models.Model):
    """A warning about a customer, for reviewers. The customer never sees it.

    It ends at `until`, or when a Supervisor lifts it.
    """

    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="flags"
    )
    claim = models.ForeignKey(
        Claim,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text=_("The claim on whose page it was set."),
    )
    reason = models.TextField(max_length=4000)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    made_at = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True, help_text=_("Empty: until it is lifted."))
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    lifted_at = models.DateTimeField(null=True, blank=True)

    objects = CustomerFlagQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="a_flag_has_a_reason"),
            models.CheckConstraint(
                condition=Q(lifted_by__isnull=True, lifted_at__isnull=True)
                | Q(lifted_by__isnull=False, lifted_at__isnull=False),
                name="a_flag_is_lifted_by_somebody",
            ),
        ]
        permissions = [("lift_flag", "Can lift a flag of a customer")]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            *never_deleted(),
            pgtrigger.ReadOnly(
                name="keeps_what_it_says",
                fields=["claim", "reason", "by", "made_at", "until"],
            ),
            changes_owner_by_merge("customer_id"),
            pgtrigger.Protect(
                name="is_lifted_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__lifted_at__isnull=False)
                & pgtrigger.Q(old__customer=pgtrigger.F("new__customer")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer}, {self.made_at:%Y-%m-%d}"


class WrongPayment(models.Model):
    """A Supervisor's statement that a refund was paid wrongly. It debits nothing."""

    decision = models.OneToOneField(
        Decision, on_delete=models.PROTECT, related_name="wrong_payment"
    )
    reason = models.TextField(max_length=4000)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="a_wrong_payment_has_a_reason"),
        ]
        permissions = [("mark_wrongly_paid", "Can mark a refund as wrongly paid")]
        triggers: ClassVar[list[pgtrigger.Trigger]] = append_only()

    def __str__(self) -> str:
        return f"{self.decision}, {self.at:%Y-%m-%d}"
