from __future__ import annotations

import uuid
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from claims import policy, wording
from claims.formats.identifiers import SERVICE
from claims.models.claim_code import new_code
from claims.models.claim_triggers import CLAIM_TRIGGERS
from claims.models.order import Order
from claims.models.service import name_of_service
from claims.models.statuses import FINAL, OPEN
from claims.models.upload import Upload

PRICE_BANDS = (Decimal(1), Decimal(5), Decimal(20))
"""The upper ends of the price bands, in the order's currency; the last band has none."""

# Each begins an index on open claims, by deadline, and one on closed claims, newest first.
FILTERED = ("status", "kind", "service", "country", "supplier", "channel", "price_band", "shown",
            "is_failing", "assignee")  # fmt: skip
OPEN_INDEXES = {"open_claims_by_due": (), **{f"open_by_{name}": (name,) for name in FILTERED}}
CLOSED_INDEXES = {"closed_claims": (), **{f"closed_by_{name}": (name,) for name in FILTERED}}


@dataclass(frozen=True)
class Change:
    """The values before and after a change, JSON-safe, for a line of the claim's story."""

    before: dict[str, object]
    after: dict[str, object]


class Claim(models.Model):
    """A customer's request to get the price of one order back.

    The columns by which the queue filters and sorts are on the claim itself, so that an index can
    find fifty rows among a million. Some are copies of the order's columns, which never change
    there; `actions.core.claim_columns` updates the others. Staff may correct service and channel.
    """

    class Kind(models.TextChoices):
        SMS_NOT_RECEIVED = "sms_not_received", _("SMS not received")
        INVALID_NUMBER = "invalid_number", _("Invalid number")
        MAJOR_DEFECT = "major_defect", _("Major defect")

    class Status(models.TextChoices):
        SUBMITTED = "submitted", _("submitted")
        WAITING_CUSTOMER = "waiting_customer", _("waiting for the customer")
        REPAIRING = "repairing", _("being repaired")
        OFFERED = "offered", _("replacement offered")
        REFUNDED = "refunded", _("refunded")
        REPLACED = "replaced", _("replaced")
        REPAIRED = "repaired", _("repaired")
        REJECTED = "rejected", _("rejected")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class Shown(models.TextChoices):
        """The kinds of usable evidence of a claim."""

        NOTHING = "", _("none")
        PICTURES = "pictures", _("pictures")
        VIDEOS = "videos", _("videos")
        BOTH = "both", _("pictures and videos")

    OPEN: ClassVar = tuple(map(Status, OPEN))
    FINAL: ClassVar = tuple(map(Status, FINAL))
    # The uploads that become the claim's evidence once it is saved. This is no model field.
    new_uploads: Sequence[Upload] = ()

    code = models.CharField(max_length=18, unique=True, default=new_code, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="claims")
    # The policy refuses a missing value, with its clause, so these fields may be blank.
    kind = models.CharField(max_length=16, choices=Kind.choices, blank=True)
    reason = models.TextField(max_length=4000, blank=True)
    customer_two_factor = models.BooleanField(
        _("the customer says that the number asks for a password (2FA)"), default=False
    )
    terms_version = models.CharField(
        max_length=32, help_text=_("Version of the terms that the customer accepted."), blank=True
    )
    proof_code = models.CharField(
        max_length=8,
        blank=True,
        help_text=_(
            "What the customer was asked to show in the picture or the video, if proof was."
        ),
    )
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.SUBMITTED)
    filed_at = models.DateTimeField()
    due_at = models.DateTimeField(
        editable=False,
        blank=True,
        help_text=_("When a remedy for a defect is due; for other kinds, when we want to be done."),
    )
    asked_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text=_("Since when it waits for the customer; what is newest, if asked again."),
    )
    reminded_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text=_("Since it was asked last.")
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    decision = models.OneToOneField(
        "claims.Decision",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="closes",
        help_text=_("The one in force; none of an open claim."),
    )
    approval = models.OneToOneField(
        "claims.Approval",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        help_text=_("Of the first of two people, while it waits for the second."),
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="assigned_claims",
        db_index=False,  # two indexes below begin with it
        help_text=_("Whose work it is; nobody's: of who takes it first."),
    )
    service = models.CharField(max_length=40, validators=[RegexValidator(SERVICE)], blank=True)
    channel = models.CharField(max_length=4, choices=Order.Channel.choices, blank=True)
    staff_two_factor = models.BooleanField(
        _("staff say that the number asks for a password (2FA)"), default=False
    )
    country = models.CharField(max_length=2, blank=True, editable=False)
    supplier = models.CharField(max_length=40, blank=True, editable=False)
    price_band = models.PositiveSmallIntegerField(default=0, editable=False)
    shown = models.CharField(
        max_length=8, choices=Shown.choices, default=Shown.NOTHING, blank=True, editable=False
    )
    is_failing = models.BooleanField(_("a clause fails"), default=False, editable=False)
    outcomes = models.TextField(
        blank=True,
        editable=False,
        help_text=_(
            "Clause by clause as `Verdict.in_short` writes it: of an open claim as things "
            "stand, of a closed one as they stood."
        ),
    )
    is_repeated = models.BooleanField(
        _("shows evidence that another claim shows"), default=False, editable=False
    )
    submission = models.UUIDField(
        unique=True,
        default=uuid.uuid4,
        editable=False,
        help_text=_("One for each form that was shown, so that a form sent twice is one claim."),
    )

    class Meta:
        ordering = ["filed_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(status__in=OPEN),
                name="one_live_claim_per_order",
                violation_error_message=_("Another claim on this order is open."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=OPEN, closed_at__isnull=True, decision__isnull=True)
                | Q(status__in=FINAL, closed_at__isnull=False, approval__isnull=True),
                name="closed_claim_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(due_at__gte=F("filed_at")), name="claim_is_due_after_its_filing"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["sms_not_received", "invalid_number", "major_defect"]),
                name="claim_kind_is_known",
            ),
            models.CheckConstraint(condition=~Q(terms_version=""), name="terms_were_accepted"),
            models.CheckConstraint(
                condition=~Q(status="waiting_customer") | Q(asked_at__isnull=False),
                name="claim_that_waits_was_asked",
            ),
        ]
        indexes = [
            # Each serves one filter of the queue's open tabs; some serve its menu's values, too.
            *(
                models.Index(
                    fields=[*leading, "due_at", "id"], condition=Q(status__in=OPEN), name=name
                )
                for name, leading in OPEN_INDEXES.items()
            ),
            # Each serves the same filter of the tab *Closed*.
            *(
                models.Index(
                    fields=[*leading, "-closed_at", "-id"],
                    condition=Q(closed_at__isnull=False),
                    name=name,
                )
                for name, leading in CLOSED_INDEXES.items()
            ),
            # Serves `to_be_remedied`, every minute, and the queue's tab *Remedy due*.
            models.Index(
                fields=["due_at", "id"],
                condition=Q(status__in=OPEN, kind="major_defect"),
                name="open_defects_by_due",
            ),
            # Serves `to_be_reminded` and `to_be_given_up`, every minute.
            models.Index(
                fields=["asked_at", "id"],
                condition=Q(status="waiting_customer"),
                name="waiting_claims_by_asking",
            ),
            # Serves the filter *Filed* of the queue's open tabs.
            models.Index(fields=["filed_at", "id"], name="claims_by_filing"),
            # Serves `open_groups`, for the past of a supply, and `claims_of_group`.
            models.Index(
                fields=["supplier", "service", "country", "filed_at"],
                condition=Q(kind="sms_not_received"),
                name="missing_sms_by_supply",
            ),
            # Serves the filter *Filed* of the tab *Closed*.
            models.Index(
                fields=["-filed_at", "-id"],
                condition=Q(closed_at__isnull=False),
                name="closed_claims_by_filing",
            ),
        ]
        permissions = [
            ("review_claim", "Can review and decide claims"),
            ("give_goodwill", "Can credit goodwill outside the policy"),
            ("export_claims", "Can export claims"),
            ("reopen_claim", "Can reopen a rejected claim"),
            ("replace_again", "Can offer a replacement for a replacement"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = CLAIM_TRIGGERS

    def __str__(self) -> str:
        return self.code

    def save(self, *args: object, **kwargs: object) -> None:
        if self._state.adding:
            self._copy_order()
        super().save(*args, **kwargs)  # type: ignore[arg-type]  # passed through unread

    def get_absolute_url(self) -> str:
        return reverse("portal:claim", args=[self.code])

    def clean(self) -> None:
        """Raise `ValidationError` with every clause that the claim fails."""
        super().clean()
        failed = self.assess().failed
        if failed:
            raise ValidationError(wording.refusals(failed))

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def service_name(self) -> str:
        """Return the name of the service by staff or the order, or what was sent, as unmapped."""
        number = self.order.number
        return name_of_service(self.service, number.service_sent if number else "")

    def move(self, status: str) -> Change:
        """Save the move to another open status."""
        change = Change({"status": str(self.status)}, {"status": str(status)})
        self.status = status
        self.save(update_fields=["status"])
        return change

    @property
    def wants_answer(self) -> bool:
        """Return whether the customer has yet to answer a question of staff."""
        asked = self.status == self.Status.REPAIRING and self.asked_at is not None
        return asked or self.status == self.Status.WAITING_CUSTOMER

    def wait(self, *, at: datetime) -> Change | None:
        """Save that staff ask the customer something, and move a submitted claim to waiting."""
        self.asked_at, self.reminded_at = at, None
        self.save(update_fields=["asked_at", "reminded_at"])
        waits = self.Status.WAITING_CUSTOMER
        return self.move(waits) if self.status == self.Status.SUBMITTED else None

    def forget_question(self) -> None:
        """Save that no question to the customer is open. Not for a claim that waits for one."""
        self.asked_at = self.reminded_at = None
        self.save(update_fields=["asked_at", "reminded_at"])

    def close(self, status: str, *, at: datetime) -> Change:
        """Save the move to a final status, with `decision`, which the caller has set."""
        change = Change({"status": str(self.status)}, {"status": str(status)})
        self.status = status
        self.closed_at = at
        self.approval = None
        self.save(update_fields=["status", "closed_at", "decision", "approval", "outcomes"])
        return change

    def reopen(self, *, due_at: datetime) -> Change:
        """Save the move back to the reviewers. The decision stays among `decisions`."""
        change = Change({"status": str(self.status)}, {"status": str(self.Status.SUBMITTED)})
        self.status = self.Status.SUBMITTED
        self.closed_at = None
        self.decision = None
        self.due_at = due_at
        self.save(update_fields=["status", "closed_at", "decision", "due_at"])
        return change

    def _copy_order(self) -> None:
        """Copy the columns that staff filter by or correct from the order, and set `due_at`."""
        number = self.order.number
        self.channel = self.order.channel
        self.service, self.country, self.supplier = (
            (number.service_id or "", number.country, number.supplier) if number else ("", "", "")
        )
        self.price_band = bisect_left(PRICE_BANDS, self.order.refundable)
        self.due_at = self.first_due()

    def first_due(self) -> datetime:
        """Return the end of the time to repair a defect, or of our own time to decide."""
        if self.kind == self.Kind.MAJOR_DEFECT:
            return policy.repair_deadline(self.filed_at, self.order.policy_version.terms)
        return self.filed_at + timedelta(hours=settings.DECISION_HOURS)

    def proofs(self) -> frozenset[str]:
        """Return the kinds of accepted proof; at the filing, those still to be inspected count."""
        if self.pk is None:
            return frozenset(upload.proof for upload in self.new_uploads if upload.is_usable)
        return frozenset(
            item.upload.proof
            for item in self.evidence.select_related("upload")
            if item.upload.state == Upload.State.ACCEPTED
        )

    def facts(
        self, *, proofs: frozenset[str] | None = None, has_live_claim: bool | None = None
    ) -> policy.Facts:
        """Return the facts for the policy. A caller that knows an argument already passes it."""
        return self.order.facts(
            kind=self.kind if self.kind in self.Kind.values else "",
            filed_at=self.filed_at,
            reason=self.reason,
            proofs=self.proofs() if proofs is None else proofs,
            customer_two_factor=self.customer_two_factor,
            staff_two_factor=self.staff_two_factor,
            service=self.service,
            channel=self.channel,
            terms_accepted=bool(self.terms_version),
            has_live_claim=(self.has_live_sibling() if has_live_claim is None else has_live_claim),
        )

    def has_live_sibling(self) -> bool:
        """Return whether another claim on the same order is open."""
        others = self.order.claims.exclude(pk=self.pk)
        return others.filter(status__in=self.OPEN).exists()

    def assess(self) -> policy.Verdict:
        """Return the present verdict on this claim under its order's policy version."""
        return policy.assess(self.facts(), self.order.policy_version.terms)
