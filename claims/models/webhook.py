from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Final
from uuid import uuid4

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.append_only import never_deleted
from claims.models.order import Order

MOVES: Final = [
    ("waiting", "sent"),
    ("waiting", "dead"),
    # People make these moves.
    ("dead", "waiting"),
    ("dead", "left_out"),
]


def new_message_id() -> str:
    return f"msg_{uuid4().hex}"


class Webhook(models.Model):
    """A message to the shop, written in the transaction of its cause and sent afterwards.

    It is sent at least once, with the same id each time. The messages about one order go out in
    the order of their causes: while one is waiting or dead, the later ones wait.
    """

    class Type(models.TextChoices):
        CLAIM_FILED = "claim.filed"
        CLAIM_DECIDED = "claim.decided"
        CREDIT_RETURNED = "credit.returned"
        REPLACEMENT_REQUESTED = "replacement.requested"
        REFUND_WRONGLY_PAID = "refund.wrongly_paid"

    class State(models.TextChoices):
        WAITING = "waiting", _("to be sent")
        SENT = "sent", _("sent")
        DEAD = "dead", _("given up")
        LEFT_OUT = "left_out", _("left out")

    UNSENT: ClassVar = (State.WAITING, State.DEAD)

    message_id = models.CharField(
        _("webhook-id"), max_length=64, unique=True, default=new_message_id, editable=False
    )
    type = models.CharField(max_length=32)
    # Unique, so that a cause makes one message, whatever code writes it.
    cause = models.CharField(max_length=80, unique=True)
    # Queries look up only unsent ones, by an index below.
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="webhooks", db_index=False
    )
    at = models.DateTimeField(help_text=_("When it happened."))
    data = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(
        default=0, help_text=_("Since it was written, or last sent again by a person.")
    )
    due_at = models.DateTimeField(_("next try"))
    leased_until = models.DateTimeField(
        null=True, blank=True, help_text=_("While a worker sends it. It may have died meanwhile.")
    )
    tried_at = models.DateTimeField(_("last try"), null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(blank=True, help_text=_("What went wrong last."))
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text=_("Who sent it again or left it out last."),
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | Q(~Q(state="sent"), sent_at__isnull=True),
                name="sent_webhook_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="dead") | ~Q(problem=""), name="dead_webhook_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(state="left_out") | Q(settled_by__isnull=False),
                name="somebody_leaves_a_webhook_out",
            ),
        ]
        indexes = [
            # Serves `webhook_delivery`, which looks for the next one every five seconds.
            models.Index(
                fields=["due_at", "id"], condition=Q(state="waiting"), name="due_webhooks"
            ),
            # Serves `webhook_delivery`, which sends the webhooks of an order in their order.
            models.Index(
                fields=["order", "id"],
                condition=Q(state__in=["waiting", "dead"]),
                name="unsent_webhooks_of_an_order",
            ),
        ]
        permissions = [("settle_webhook", "Can send a webhook again, or leave it out")]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            *never_deleted(),
            pgtrigger.FSM(name="goes_out", field="state", transitions=MOVES),
            pgtrigger.ReadOnly(
                name="keeps_what_it_says",
                fields=["message_id", "type", "cause", "order", "at", "data"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} of {self.order}"

    def begin(self, *, at: datetime, leased_until: datetime) -> None:
        self.attempts += 1
        self.tried_at, self.leased_until = at, leased_until
        self.save(update_fields=["attempts", "tried_at", "leased_until"])

    def settle(
        self, state: str, *, problem: str = "", due_at: datetime | None = None,
        sent_at: datetime | None = None,
    ) -> None:  # fmt: skip
        self.state, self.problem, self.leased_until = state, problem, None
        self.due_at, self.sent_at = due_at or self.due_at, sent_at
        self.save(update_fields=["state", "problem", "leased_until", "due_at", "sent_at"])
