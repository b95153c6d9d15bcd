from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.append_only import append_only, never_deleted
from claims.formats.shop_messages import EventType
from claims.models.order import Order


class ShopEvent(models.Model):
    """An event that the shop sent to our API, kept as it came, with its result."""

    Type = EventType

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for something else")
        APPLIED = "applied", _("applied")
        REFUSED = "refused", _("refused")
        UNKNOWN = "unknown", _("of a type that we don't know")

    event_id = models.CharField(_("the shop's event id"), max_length=128, unique=True)
    # Not a choice: events of unknown types are kept, too.
    type = models.CharField(max_length=64)
    at = models.DateTimeField(help_text=_("When it happened, by the shop's clock."))
    data = models.JSONField(default=dict, help_text=_("As it came, with what we don't know."))
    shop_order_id = models.CharField(_("the shop's order id"), max_length=64, blank=True)
    customer_id = models.CharField(_("the shop's customer id"), max_length=64, blank=True)
    customer_email = models.CharField(max_length=254, blank=True)
    customer_name = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=8, choices=State.choices)
    problem = models.TextField(blank=True, help_text=_("Why it is refused, or what it waits for."))
    received_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", settled_at__isnull=True)
                | Q(state__in=["applied", "refused", "unknown"], settled_at__isnull=False),
                name="settled_shop_event_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["waiting", "refused"]) | ~Q(problem=""),
                name="open_or_refused_shop_event_says_why",
            ),
        ]
        indexes = [
            # Serves `inbound_events`, when the order arrives that an event waits for.
            models.Index(
                fields=["shop_order_id"],
                condition=Q(state="waiting"),
                name="waiting_events_of_an_order",
            ),
            # Serves `inbound_events`, when the customer arrives that an event waits for.
            models.Index(
                fields=["customer_email"],
                condition=Q(state="waiting"),
                name="waiting_events_of_a_customer",
            ),
            # Serves `unapplied_events`, and `inbound_events`, which looks for unknown types.
            models.Index(
                fields=["state", "received_at"],
                condition=Q(state__in=["waiting", "refused", "unknown"]),
                name="events_that_are_not_applied",
            ),
            # Serves `customer_names`, which looks for the newest name of a customer.
            models.Index(
                fields=["customer_id", "customer_email"],
                condition=~Q(customer_name=""),
                name="events_naming_a_customer",
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            *never_deleted(),
            pgtrigger.ReadOnly(
                name="keeps_what_the_shop_told",
                fields=[
                    "event_id",
                    "type",
                    "at",
                    "data",
                    "shop_order_id",
                    "customer_id",
                    "customer_email",
                    "customer_name",
                    "received_at",
                ],
            ),
            # An event of an unknown type is applied once a later version knows the type.
            pgtrigger.Protect(
                name="is_settled_once",
                operation=pgtrigger.Update,
                condition=~pgtrigger.Q(old__state__in=["waiting", "unknown"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"


class Contradiction(models.Model):
    """Another content that the shop sent under the id of an earlier event. It changed nothing."""

    # The index of the constraint begins with it.
    event = models.ForeignKey(
        ShopEvent, on_delete=models.PROTECT, related_name="contradictions", db_index=False
    )
    type = models.CharField(max_length=64)
    at = models.DateTimeField(help_text=_("When it happened, by the shop's clock."))
    data = models.JSONField(default=dict)
    digest = models.CharField(_("SHA-256"), max_length=64, help_text=_("Of the content."))
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "digest"], name="a_contradiction_is_kept_once"
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = append_only()

    def __str__(self) -> str:
        return f"{self.event}: {self.digest[:8]}"


class Dispute(models.Model):
    """A bank dispute of a top-up, as the shop tells it. Reviewers of its customer see it."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="disputes")
    event = models.OneToOneField(ShopEvent, on_delete=models.PROTECT)
    opened_at = models.DateTimeField()
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["opened_at", "id"]
        triggers: ClassVar[list[pgtrigger.Trigger]] = append_only()

    def __str__(self) -> str:
        return f"{self.order}, {self.opened_at:%Y-%m-%d}"
