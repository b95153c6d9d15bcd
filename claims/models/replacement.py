from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import uuid4

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.append_only import never_deleted
from claims.models.claim import Claim
from claims.models.offer import Offer
from claims.models.order import Order


def new_request_id() -> str:
    return f"rpl_{uuid4().hex}"


class ReplacementQuerySet(models.QuerySet["Replacement"]):
    def requested(self) -> ReplacementQuerySet:
        """Return those that the shop hasn't answered and that nothing has ended."""
        return self.filter(state=Replacement.State.REQUESTED)

    def void(self, *, at: datetime) -> None:
        """End the requests of claims that ended otherwise; a later answer changes nothing."""
        self.requested().update(state=Replacement.State.VOID, settled_at=at)


class Replacement(models.Model):
    """A request to the shop for another number, which the customer chose instead of the price.

    The shop answers once: with the order of that number, or that it has none. Without an answer in
    time the price goes back.
    """

    class State(models.TextChoices):
        REQUESTED = "requested", _("requested")
        PROVIDED = "provided", _("provided")
        REFUSED = "refused", _("the shop has none")
        LAPSED = "lapsed", _("no answer in time")
        VOID = "void", _("the claim ended otherwise")

    request_id = models.CharField(
        max_length=64, unique=True, default=new_request_id, editable=False
    )
    # Queries look up only a requested one, by the index of its constraint.
    claim = models.ForeignKey(
        Claim, on_delete=models.PROTECT, related_name="replacements", db_index=False
    )
    offer = models.OneToOneField(Offer, on_delete=models.PROTECT)
    made_at = models.DateTimeField()
    answer_by = models.DateTimeField(help_text=_("The shop answers before this instant."))
    state = models.CharField(max_length=12, choices=State.choices, default=State.REQUESTED)
    order = models.OneToOneField(
        Order, on_delete=models.PROTECT, null=True, blank=True, help_text=_("Of the new number.")
    )
    reason = models.TextField(blank=True, help_text=_("Why the shop has none."))
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = ReplacementQuerySet.as_manager()

    class Meta:
        ordering = ["made_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["claim"],
                condition=Q(state="requested"),
                name="one_requested_replacement_per_claim",
            ),
            models.CheckConstraint(
                condition=Q(state="requested", settled_at__isnull=True)
                | Q(
                    state__in=["provided", "refused", "lapsed", "void"],
                    settled_at__isnull=False,
                    settled_at__gte=F("made_at"),
                ),
                name="settled_replacement_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state="provided", order__isnull=False)
                | Q(~Q(state="provided"), order__isnull=True),
                name="provided_replacement_has_its_order",
            ),
        ]
        indexes = [
            # Serves `to_go_without`.
            models.Index(
                fields=["answer_by", "id"],
                condition=Q(state="requested"),
                name="requested_replacements",
            )
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            *never_deleted(),
            pgtrigger.ReadOnly(
                name="keeps_what_was_requested",
                fields=["request_id", "claim", "offer", "made_at", "answer_by"],
            ),
            pgtrigger.Protect(
                name="is_settled_once",
                operation=pgtrigger.Update,
                condition=~pgtrigger.Q(old__state="requested"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim}: {self.get_state_display()}"

    def settle(
        self, state: State, *, at: datetime, order: Order | None = None, reason: str = ""
    ) -> None:
        self.state, self.settled_at, self.order, self.reason = state, at, order, reason
        self.save(update_fields=["state", "settled_at", "order", "reason"])
