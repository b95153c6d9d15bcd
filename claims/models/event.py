from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.append_only import append_only
from claims.inspection import FileProblem
from claims.models.claim import Claim
from claims.models.order import Order
from claims.wording.file_problems import file_problem


class Event(models.Model):
    """One line in the story of an order and its claim. It is written once and never changed."""

    class Kind(models.TextChoices):
        FILED = "filed", _("Claim filed")
        EVIDENCE_ADDED = "evidence_added", _("Evidence added")
        EVIDENCE_ACCEPTED = "evidence_accepted", _("Evidence checked and accepted")
        EVIDENCE_REFUSED = "evidence_refused", _("Evidence can't be used")
        EVIDENCE_REQUESTED = "evidence_requested", _("More evidence asked for")
        EVIDENCE_REMOVED = "evidence_removed", _("Evidence removed, its time being over")
        REPLIED = "replied", _("Support wrote to the customer")
        REPAIR_STARTED = "repair_started", _("Repair started")
        NOT_REPAIRABLE = "not_repairable", _("Can't be repaired")
        OFFERED = "offered", _("Replacement offered")
        OFFER_ANSWERED = "offer_answered", _("Choice of the customer")
        REFUNDED = "refunded", _("Price returned by decision")
        REPLACED = "replaced", _("Replacement provided")
        GOODWILL = "goodwill", _("Credit given as goodwill")
        REPAIRED = "repaired", _("Repaired")
        REJECTED = "rejected", _("Claim rejected")
        REOPENED = "reopened", _("Claim reopened")
        APPEALED = "appealed", _("Rejection appealed")
        OBJECTED = "objected", _("Customer says that it isn't repaired")
        WITHDRAWN = "withdrawn", _("Claim withdrawn")
        RETURNED = "returned", _("Price returned automatically")
        LATE_SMS = "late_sms", _("SMS reported after the price went back")
        REMINDED = "reminded", _("Customer reminded")
        REMEDY_DUE = "remedy_due", _("Time to resolve it is over")
        ASSIGNED = "assigned", _("Assigned")
        CORRECTED = "corrected", _("Facts corrected by staff")
        NOTED = "noted", _("Internal note")
        FLAGGED = "flagged", _("Customer flagged")
        FLAG_LIFTED = "flag_lifted", _("Flag lifted")
        WRONGLY_PAID = "wrongly_paid", _("Marked as wrongly paid")
        APPROVED_FIRST = "approved_first", _("Approved by the first of two people")
        EVIDENCE_SEEN = "evidence_seen", _("Evidence looked at")
        SERVICE_MAPPED = "service_mapped", _("Service set from the catalogue")
        MERGED = "merged", _("Customer became another one")

    # Events that the customer never sees.
    INTERNAL: ClassVar = (
        Kind.FLAGGED,
        Kind.FLAG_LIFTED,
        Kind.WRONGLY_PAID,
        Kind.ASSIGNED,
        Kind.CORRECTED,
        Kind.NOTED,
        Kind.APPROVED_FIRST,
        Kind.EVIDENCE_SEEN,
        Kind.REMEDY_DUE,
        Kind.SERVICE_MAPPED,
        Kind.MERGED,
    )
    # Events that don't matter to a decision that a reviewer is about to make.
    QUIET: ClassVar = (
        Kind.ASSIGNED,
        Kind.NOTED,
        Kind.EVIDENCE_SEEN,
        Kind.REMINDED,
        Kind.REMEDY_DUE,
    )

    kind = models.CharField(max_length=20, choices=Kind.choices)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="events")
    claim = models.ForeignKey(
        Claim, on_delete=models.PROTECT, null=True, blank=True, related_name="events"
    )
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,  # an index below begins with it
        help_text=_("Nobody: the system."),
    )
    address = models.GenericIPAddressField(
        null=True, blank=True, help_text=_("From where; none of the system.")
    )
    before = models.JSONField(default=dict, blank=True, help_text=_("What it was."))
    after = models.JSONField(default=dict, blank=True, help_text=_("What it is since."))
    data = models.JSONField(default=dict, blank=True)
    submission = models.UUIDField(
        null=True,
        blank=True,
        editable=False,
        help_text=_(
            "Of the form that an answer came with, so that a form sent twice is one answer."
        ),
    )

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(claim__isnull=False)
                | Q(kind__in=["returned", "late_sms", "service_mapped", "merged"]),
                name="claim_events_have_a_claim",
            ),
            models.UniqueConstraint(
                fields=["claim", "submission"],
                condition=Q(submission__isnull=False),
                name="one_answer_per_form",
            ),
            models.UniqueConstraint(
                fields=["claim"], condition=Q(kind="reopened"), name="claim_is_reopened_only_once"
            ),
            models.UniqueConstraint(
                fields=["claim"], condition=Q(kind="appealed"), name="claim_is_appealed_only_once"
            ),
            models.UniqueConstraint(
                fields=["claim"], condition=Q(kind="objected"), name="repair_is_objected_to_once"
            ),
        ]
        indexes = [
            # Serves the page of a person's day, and `record_look`.
            models.Index(fields=["actor", "at"], name="events_of_a_person"),
            # Serves the admin's list of events, newest first, and the figures of seven days.
            models.Index(fields=["at", "id"], name="events_by_time"),
            # Serves the admin's list of events of one kind.
            models.Index(fields=["kind", "at", "id"], name="events_by_kind"),
        ]
        permissions = [("read_days", "Can read what anybody did on a day")]
        triggers: ClassVar[list[pgtrigger.Trigger]] = append_only()

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.at:%Y-%m-%d %H:%M}"

    @property
    def file_problem(self) -> str:
        """Return why the event's file can't be used, in the reader's language, or ''."""
        problem = self.data.get("problem")
        return file_problem(FileProblem(problem)) if problem else ""
