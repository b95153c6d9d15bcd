from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

import pgtrigger
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models.append_only import never_deleted
from claims import policy
from claims.models.order import Order
from claims.models.upload import Upload

if TYPE_CHECKING:
    from claims.models.evidence import Evidence

# Crockford's base 32: no letter that is mistaken for a digit.
CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

# The status machine. The database refuses every other move.
TRANSITIONS = [
    ("submitted", "waiting_customer"),
    ("submitted", "refunded"),
    ("submitted", "rejected"),
    ("submitted", "withdrawn"),
    ("waiting_customer", "submitted"),
    ("waiting_customer", "refunded"),
    ("waiting_customer", "rejected"),
    ("waiting_customer", "withdrawn"),
]


def new_code() -> str:
    """An unguessable public code of 60 random bits, such as CLM-7K3M-9QXD-2FTR."""
    groups = ("".join(secrets.choice(CODE_ALPHABET) for _ in range(4)) for _ in range(3))
    return "-".join(["CLM", *groups])


class Claim(models.Model):
    """A customer's request to get the price of one order back."""

    class Kind(models.TextChoices):
        SMS_NOT_RECEIVED = "sms_not_received", "SMS not received"
        INVALID_NUMBER = "invalid_number", "Invalid number"
        MAJOR_DEFECT = "major_defect", "Major defect"

    class Status(models.TextChoices):
        SUBMITTED = "submitted", "submitted"
        WAITING_CUSTOMER = "waiting_customer", "waiting for the customer"
        REFUNDED = "refunded", "refunded"
        REJECTED = "rejected", "rejected"
        WITHDRAWN = "withdrawn", "withdrawn"

    OPEN: ClassVar = (Status.SUBMITTED, Status.WAITING_CUSTOMER)
    # What becomes its evidence once it is saved; no field.
    new_uploads: Sequence[Upload] = ()

    code = models.CharField(max_length=18, unique=True, default=new_code, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="claims")
    # The policy says what is missing, clause by clause; so the form fields themselves may be blank.
    kind = models.CharField(max_length=16, choices=Kind.choices, blank=True)
    reason = models.TextField(max_length=4000, blank=True)
    customer_two_factor = models.BooleanField(
        "the customer says that the number asks for a password (2FA)", default=False
    )
    terms_version = models.CharField(
        max_length=32, help_text="Version of the terms that the customer accepted.", blank=True
    )
    proof_code = models.CharField(
        max_length=8,
        blank=True,
        help_text="What the customer was asked to show in the picture or the video, if proof was.",
    )
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.SUBMITTED)
    filed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    submission = models.UUIDField(
        unique=True,
        default=uuid.uuid4,
        editable=False,
        help_text="One for each form that was shown, so that a form sent twice is one claim.",
    )

    class Meta:
        ordering = ["filed_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(status__in=["submitted", "waiting_customer"]),
                name="one_live_claim_per_order",
                violation_error_message="Another claim on this order is open.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["submitted", "waiting_customer"], closed_at__isnull=True)
                | Q(status__in=["refunded", "rejected", "withdrawn"], closed_at__isnull=False),
                name="closed_claim_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["sms_not_received", "invalid_number", "major_defect"]),
                name="claim_kind_is_known",
            ),
            models.CheckConstraint(condition=~Q(terms_version=""), name="terms_were_accepted"),
        ]
        indexes = [
            models.Index(
                fields=["filed_at", "id"],
                condition=Q(status__in=["submitted", "waiting_customer"]),
                name="open_claims_by_age",
            ),
        ]
        permissions = [
            ("review_claim", "Can review and decide claims"),
            ("give_goodwill", "Can credit goodwill outside the policy"),
            ("export_claims", "Can export claims"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            *never_deleted(),
            pgtrigger.FSM(name="moves_along_its_statuses", field="status", transitions=TRANSITIONS),
            pgtrigger.ReadOnly(
                name="keeps_what_was_filed",
                fields=[
                    "code",
                    "order",
                    "kind",
                    "reason",
                    "customer_two_factor",
                    "terms_version",
                    "proof_code",
                    "filed_at",
                    "submission",
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        return reverse("portal:claim", args=[self.code])

    def clean(self) -> None:
        """Refuse a claim that the policy refuses, with every failed clause at once."""
        super().clean()
        failed = self.assess().failed
        if failed:
            raise ValidationError([ValidationError(f.message, code=f.clause) for f in failed])

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    def move(self, status: str) -> None:
        """Save the step to another open status."""
        self.status = status
        self.save(update_fields=["status"])

    def close(self, status: str, *, at: datetime) -> None:
        """Save the step to a final status."""
        self.status = status
        self.closed_at = at
        self.save(update_fields=["status", "closed_at"])

    def proofs(self) -> frozenset[str]:
        """The kinds of proof: accepted ones, and at the filing those still to be inspected."""
        if self.pk is None:
            return frozenset(upload.kind for upload in self.new_uploads if upload.is_usable)
        return frozenset(
            item.upload.kind
            for item in self.evidence.select_related("upload")
            if item.upload.state == Upload.State.ACCEPTED
        )

    def usable_evidence(self) -> models.QuerySet[Evidence]:
        """What it shows, without what the inspection refused."""
        return self.evidence.filter(upload__state__in=Upload.USABLE)

    def facts(
        self, *, proofs: frozenset[str] | None = None, has_live_claim: bool | None = None
    ) -> policy.Facts:
        """What the policy looks at. Who has the proofs or the other claims at hand gives them."""
        return self.order.facts(
            kind=self.kind if self.kind in self.Kind.values else "",
            filed_at=self.filed_at,
            reason=self.reason,
            proofs=self.proofs() if proofs is None else proofs,
            two_factor=self.customer_two_factor,
            terms_accepted=bool(self.terms_version),
            has_live_claim=(self.has_live_sibling() if has_live_claim is None else has_live_claim),
        )

    def has_live_sibling(self) -> bool:
        """Whether another claim on the same order is open."""
        others = self.order.claims.exclude(pk=self.pk)
        return others.filter(status__in=self.OPEN).exists()

    def assess(self) -> policy.Verdict:
        """What the policy of the order's day says of this claim, as things stand now."""
        return policy.assess(self.facts(), self.order.policy_version.terms)
