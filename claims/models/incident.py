from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.append_only import never_deleted
from claims.models.claim import Claim


class Incident(models.Model):
    """One answer to many claims: a failure at a supplier for one service, country and hour.

    The claims of the group are its items. A job assesses and decides each on its own row.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("being worked off")
        STOPPED = "stopped", _("stopped")
        DONE = "done", _("done")

    supplier = models.CharField(max_length=40, blank=True)
    service = models.CharField(max_length=40)
    country = models.CharField(max_length=2)
    hour = models.DateTimeField(help_text=_("When the hour of the purchases begins."))
    because = models.TextField(max_length=4000, help_text=_("Why the cause lay with the shop."))
    answers = models.JSONField(
        default=dict, help_text=_("What the reviewer answered for the group, by clause.")
    )
    note = models.TextField(blank=True, max_length=4000, help_text=_("The customers read this."))
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False)
    answered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text=_("Who stopped it; nobody while it goes on."),
    )
    submission = models.UUIDField(
        unique=True,
        editable=False,
        help_text=_("One for each form that was shown, so that a form sent twice is one answer."),
    )

    class Meta:
        ordering = ["-answered_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(because=""), name="incident_says_why"),
            models.CheckConstraint(
                condition=Q(state="running", ended_at__isnull=True)
                | (~Q(state="running") & Q(ended_at__isnull=False)),
                name="ended_incident_has_a_time",
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            *never_deleted(),
            pgtrigger.ReadOnly(
                name="keeps_what_was_answered",
                fields=[
                    "supplier",
                    "service",
                    "country",
                    "hour",
                    "because",
                    "answers",
                    "note",
                    "by",
                    "answered_at",
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.country}, {self.hour:%Y-%m-%d %H:00} UTC"


class IncidentClaim(models.Model):
    """One claim of an incident, and its result."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        APPROVED = "approved", _("approved")
        LEFT = "left", _("not approved")

    # The constraint on incident and claim has an index that begins with it.
    incident = models.ForeignKey(
        Incident, on_delete=models.PROTECT, related_name="items", db_index=False
    )
    claim = models.ForeignKey(
        Claim, on_delete=models.PROTECT, related_name="incidents", db_index=False
    )
    seen = models.PositiveBigIntegerField(
        default=0, help_text=_("The newest event that the reviewer had before them.")
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    why = models.TextField(blank=True, help_text=_("Why it was not approved."))
    at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "claim"], name="one_item_per_claim_of_an_incident"
            ),
        ]
        indexes = [
            # Serves `work_on_next`, which decides one claim after the other.
            models.Index(
                fields=["incident", "id"], condition=Q(state="waiting"), name="items_to_work_off"
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            *never_deleted(),
            pgtrigger.FSM(
                name="is_worked_off_once",
                field="state",
                transitions=[("waiting", "approved"), ("waiting", "left")],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim}: {self.get_state_display()}"
