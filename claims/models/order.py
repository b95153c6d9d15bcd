from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import OpClass
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import Charge, CreditTransfer
from accounts.models.amounts import CURRENCY, AmountField, currency_field
from accounts.models.append_only import never_deleted
from accounts.models.customer_merge import changes_owner_by_merge, comes_to_nobody_merged
from claims import policy
from claims.formats.identifiers import SHOP_ID
from claims.models.number import Number
from claims.models.order_rules import (
    ACTIVATIONS,
    BOUGHT,
    GIVEN,
    HOLD_POLICY_VERSION,
    IS_EQUIVALENT,
    IS_WHAT_WAS_CHARGED,
    NUMBER_ONLY,
    RETURNED,
)
from claims.models.policy_version import PolicyVersion
from claims.models.proof_code import proof_code_for
from claims.models.refundable import refundable_of
from claims.models.service import follows_telegram_rules
from claims.models.two_factor import is_protected


class Order(models.Model):
    """One purchase: a number with its activation, or a top-up of the credit balance."""

    class Product(models.TextChoices):
        NUMBER = "number", _("number")
        TOP_UP = "top_up", _("top-up")

    class Channel(models.TextChoices):
        WEB = "web", _("web")
        API = "api", _("API")

    class Activation(models.TextChoices):
        WAITING = "waiting", _("waiting for an SMS")
        SMS_RECEIVED = "sms_received", _("SMS received")
        COMPLETED = "completed", _("completed")
        CANCELLED = "cancelled", _("cancelled")
        TIMED_OUT = "timed_out", _("timed out")
        BANNED = "banned", _("banned by the service")

    shop_id = models.CharField(
        _("the shop's order id"), max_length=64, unique=True, validators=[RegexValidator(SHOP_ID)]
    )
    # An index below begins with it.
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="orders", db_index=False
    )
    product = models.CharField(max_length=8, choices=Product.choices)
    number = models.OneToOneField(Number, on_delete=models.PROTECT, null=True, blank=True)
    channel = models.CharField(max_length=4, choices=Channel.choices)
    charge = models.ForeignKey(
        Charge,
        on_delete=models.PROTECT,
        related_name="orders",
        editable=False,
        help_text=_("A replacement has the charge of what it replaces."),
    )
    price = AmountField()
    currency = currency_field(_("currency (ISO 4217, or the shop's own unit)"))
    purchased_at = models.DateTimeField()
    allotted_until = models.DateTimeField(null=True, blank=True)
    activation = models.CharField(max_length=16, choices=Activation.choices, blank=True)
    sms_received_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the shop first cancelled it, by the shop's clock.")
    )
    cancellation_arrived_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text=_("When that was reported here, by the database's clock."),
    )
    reported_at = models.DateTimeField(
        help_text=_("The instant of the shop's newest report on it.")
    )
    described_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text=_("Of the newest report on supplier and allotted time; none: the newest of all."),
    )
    policy_version = models.ForeignKey(
        PolicyVersion,
        on_delete=models.PROTECT,
        blank=True,
        help_text=_("The one in force at the purchase; chosen when the order arrives."),
    )
    claims_close_at = models.DateTimeField(
        help_text=_("A claim is in time before this instant."), blank=True, editable=False
    )
    returned_at = models.DateTimeField(null=True, blank=True, editable=False)
    return_transfer = models.OneToOneField(
        CreditTransfer, on_delete=models.PROTECT, null=True, blank=True, editable=False
    )
    replaced_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text=_("When it was replaced by another order.")
    )
    replaces = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="replacement_order",
        help_text=_("The order in whose place its customer got this one, at no cost."),
    )
    origin = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        db_index=False,
        help_text=_("The one that was paid for, at the beginning of such a row."),
    )
    value = AmountField(
        null=True,
        blank=True,
        editable=False,
        help_text=_("Of a replacement: what was paid for its origin."),
    )
    list_price = AmountField(
        null=True,
        blank=True,
        editable=False,
        help_text=_("Of a replacement: what the shop sells it for."),
    )
    late_sms_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text=_("When the shop reported an SMS although the price had gone back by itself."),
    )

    # Known from imports of history alone: its automatic return is told to nobody.
    is_history = models.BooleanField(_("known from history alone"), default=False, editable=False)

    class Meta:
        ordering = ["-purchased_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=BOUGHT | GIVEN, name="order_is_paid_for_or_a_replacement"
            ),
            models.CheckConstraint(
                condition=Q(returned_at__isnull=True) | Q(replaced_at__isnull=True),
                name="order_has_one_remedy",
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=CURRENCY), name="order_currency_is_a_code"
            ),
            models.UniqueConstraint(
                fields=["charge"],
                condition=Q(replaces__isnull=True),
                name="one_bought_order_per_charge",
            ),
            models.CheckConstraint(
                condition=Q(channel__in=["web", "api"]), name="order_channel_is_known"
            ),
            models.CheckConstraint(
                condition=(Q(product="top_up") & NUMBER_ONLY)
                | Q(
                    product="number",
                    number__isnull=False,
                    allotted_until__isnull=False,
                    activation__in=ACTIVATIONS,
                ),
                name="order_is_a_number_or_a_bare_top_up",
            ),
            models.CheckConstraint(
                condition=Q(allotted_until__isnull=True) | Q(allotted_until__gt=F("purchased_at")),
                name="allotted_time_ends_after_the_purchase",
            ),
            models.CheckConstraint(
                condition=Q(sms_received_at__isnull=True)
                | Q(sms_received_at__gte=F("purchased_at")),
                name="sms_comes_after_the_purchase",
            ),
            models.CheckConstraint(
                condition=Q(completed_at__isnull=True) | Q(completed_at__gte=F("purchased_at")),
                name="completion_comes_after_the_purchase",
            ),
            models.CheckConstraint(
                condition=~Q(activation="sms_received") | Q(sms_received_at__isnull=False),
                name="received_sms_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(activation="completed") | Q(completed_at__isnull=False),
                name="completed_activation_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(claims_close_at__gt=F("purchased_at")),
                name="claims_close_after_the_purchase",
            ),
            models.CheckConstraint(condition=RETURNED, name="returned_price_has_its_transfer"),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True, cancellation_arrived_at__isnull=True)
                | Q(cancelled_at__isnull=False, cancellation_arrived_at__isnull=False),
                name="cancellation_has_its_arrival",
            ),
        ]
        indexes = [
            # Serves a customer's list of orders, and every other look-up by customer.
            models.Index(fields=["customer", "-purchased_at", "-id"], name="orders_of_a_customer"),
            # Serves `due_for_return`, every 20 seconds.
            models.Index(
                fields=["allotted_until"],
                condition=Q(
                    product="number", sms_received_at__isnull=True, returned_at__isnull=True
                ),
                name="orders_that_may_expire",
            ),
            # Serves `due_for_return`, too, which looks for cancellations besides.
            models.Index(
                fields=["cancellation_arrived_at"],
                condition=Q(cancellation_arrived_at__isnull=False, returned_at__isnull=True),
                name="orders_that_were_cancelled",
            ),
            # Serves the queue's search by the beginning of an order's id.
            models.Index(
                OpClass(Lower("shop_id"), name="text_pattern_ops"), name="orders_by_id_beginning"
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            *never_deleted(),
            pgtrigger.Trigger(
                name="holds_its_policy_version",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=HOLD_POLICY_VERSION,
            ),
            pgtrigger.ReadOnly(
                name="keeps_what_was_bought",
                fields=[
                    "shop_id",
                    "product",
                    "channel",
                    "charge",
                    "price",
                    "currency",
                    "purchased_at",
                    "policy_version",
                    "claims_close_at",
                    "replaces",
                    "origin",
                    "value",
                    "list_price",
                ],
            ),
            changes_owner_by_merge("customer_id"),
            comes_to_nobody_merged("customer_id"),
            pgtrigger.Protect(
                name="never_becomes_history",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__is_history=False, new__is_history=True),
            ),
            pgtrigger.Trigger(
                name="is_what_was_charged",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__replaces__isnull=True),
                func=IS_WHAT_WAS_CHARGED,
            ),
            pgtrigger.Trigger(
                name="replaces_by_what_is_equivalent",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__replaces__isnull=False),
                declare=[("defective", "claims_order%ROWTYPE")],
                func=IS_EQUIVALENT,
            ),
            pgtrigger.Protect(
                name="keeps_its_replacement",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__replaced_at__isnull=False)
                & pgtrigger.Q(old__replaced_at__df=pgtrigger.F("new__replaced_at")),
            ),
            pgtrigger.Protect(
                name="keeps_its_return",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__returned_at__isnull=False)
                & (
                    pgtrigger.Q(old__returned_at__df=pgtrigger.F("new__returned_at"))
                    | pgtrigger.Q(old__return_transfer__df=pgtrigger.F("new__return_transfer"))
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.shop_id

    def save(self, *args: object, **kwargs: object) -> None:
        self._settle_the_deadline()
        super().save(*args, **kwargs)  # type: ignore[arg-type]  # passed through unread

    def clean(self) -> None:
        super().clean()
        self._settle_the_deadline()
        if self.number and self.allotted_until is None:
            raise ValidationError({"allotted_until": _("A number has an allotted time.")})

    @property
    def proof_code(self) -> str:
        """Return the code that the proof of a new claim should show. A claim keeps its own copy."""
        return proof_code_for(shop_id=self.shop_id, customer_id=self.customer_id)

    @property
    def refundable(self) -> Decimal:
        """Return the most that can go back: the price, or the price of the order it replaces."""
        return refundable_of(value=self.value, price=self.price)

    @property
    def is_remedied(self) -> bool:
        """Return whether the price has gone back or another order has replaced this one."""
        return bool(self.returned_at or self.replaced_at)

    @property
    def is_return_pending(self) -> bool:
        """Return whether the shop has yet to acknowledge the returned credit."""
        acknowledgement = getattr(self, "acknowledgement", None)
        return bool(acknowledgement and acknowledgement.is_pending)

    def facts(
        self,
        *,
        kind: str,
        filed_at: datetime,
        reason: str = "",
        proofs: Iterable[str] = (),
        customer_two_factor: bool = False,
        staff_two_factor: bool = False,
        service: str = "",
        channel: str = "",
        terms_accepted: bool = False,
        has_live_claim: bool = False,
    ) -> policy.Facts:
        """Return the facts of this order and of a claim on it, as the policy needs them.

        `service` and `channel` are corrections by staff, or ''.
        """
        service = service or (self.number.service_id if self.number else "") or ""
        return policy.Facts(
            product=self.product,
            service=service,
            telegram_rules=follows_telegram_rules(service),
            channel=channel or self.channel,
            two_factor=is_protected(
                self.number, customer=customer_two_factor, staff=staff_two_factor
            ),
            purchased_at=self.purchased_at,
            claims_close_at=self.claims_close_at,
            allotted_until=self.allotted_until,
            sms_received_at=self.sms_received_at,
            activation=self.activation or None,
            returned=self.returned_at is not None,
            replaced=self.replaced_at is not None,
            kind=kind,
            filed_at=filed_at,
            reason=reason,
            proofs=frozenset(proofs),
            terms_accepted=terms_accepted,
            has_live_claim=has_live_claim,
        )

    def _settle_the_deadline(self) -> None:
        """Choose the policy version and the claim deadline once, when the order arrives."""
        if self.policy_version_id is None:
            self.policy_version = PolicyVersion.objects.in_force(at=self.purchased_at)
        if self.claims_close_at is None:
            self.claims_close_at = policy.deadline(self.purchased_at, self.policy_version.terms)
