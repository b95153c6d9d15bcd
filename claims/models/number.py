from __future__ import annotations

from typing import ClassVar

import pgtrigger
import phonenumbers
from django.contrib.postgres.indexes import OpClass
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Reverse
from django.utils.translation import gettext_lazy as _

from accounts.models.amounts import AmountField
from accounts.models.append_only import never_deleted
from claims.formats.identifiers import COUNTRY
from claims.formats.phone_numbers import E164, is_of_another_country, validate_e164
from claims.models.service import Service, name_of_service


class Number(models.Model):
    """A virtual phone number as one order sold it.

    Phone, service and country are kept as they were sent, too. Each is empty if nobody could make
    out what was sent.
    """

    phone = models.CharField(
        _("phone (E.164)"), max_length=16, validators=[validate_e164], blank=True
    )
    phone_sent = models.CharField(_("phone, as it was sent"), max_length=80, blank=True)
    service = models.ForeignKey(
        Service,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_column="service",
        db_index=False,  # nothing looks for the numbers of a service
        related_name="numbers",
        help_text=_("None while nobody has mapped the name that was sent."),
    )
    service_sent = models.CharField(_("service, as it was sent"), max_length=80, blank=True)
    country = models.CharField(
        _("country (ISO 3166-1 alpha-2)"),
        max_length=2,
        validators=[RegexValidator(COUNTRY)],
        blank=True,
    )
    country_sent = models.CharField(_("country, as it was sent"), max_length=80, blank=True)
    supplier = models.CharField(max_length=40, blank=True)
    supplier_order_id = models.CharField(_("the supplier's order id"), max_length=64, blank=True)
    supplier_cost = AmountField(
        null=True, blank=True, help_text=_("What the supplier asked, in the order's currency.")
    )
    two_factor = models.BooleanField(
        _("protected by two-factor authentication (2FA)"), default=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(phone__regex=E164) | (Q(phone="") & ~Q(phone_sent="")),
                name="phone_is_e164_or_as_sent",
            ),
            models.CheckConstraint(
                condition=Q(service__isnull=False) | ~Q(service_sent=""),
                name="unmapped_service_is_as_sent",
            ),
            models.CheckConstraint(
                condition=Q(country__regex=COUNTRY) | (Q(country="") & ~Q(country_sent="")),
                name="country_is_iso_3166_or_as_sent",
            ),
            models.CheckConstraint(
                condition=Q(supplier_cost__isnull=True) | Q(supplier_cost__gte=0),
                name="supplier_cost_is_not_negative",
            ),
        ]
        indexes = [
            # Serves the queue's search by the beginning of a phone number.
            models.Index(
                OpClass("phone", name="varchar_pattern_ops"), name="numbers_by_phone_beginning"
            ),
            # Serves the queue's search by the end of a phone number: people read that out.
            models.Index(
                OpClass(Reverse("phone"), name="text_pattern_ops"), name="numbers_by_phone_ending"
            ),
            # Serves the queue's search for a phone number that isn't in E.164. There are few.
            models.Index(fields=["phone_sent"], condition=Q(phone=""), name="numbers_without_e164"),
            # Serves the list of unmapped names, and the mapping of one.
            models.Index(
                fields=["service_sent"],
                condition=Q(service__isnull=True),
                name="numbers_without_a_service",
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            *never_deleted(),
            pgtrigger.ReadOnly(
                name="keeps_what_was_sold",
                fields=["phone", "country", "phone_sent", "service_sent", "country_sent"],
            ),
            pgtrigger.Protect(
                name="keeps_its_service",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__service__isnull=False)
                & pgtrigger.Q(old__service__df=pgtrigger.F("new__service")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.phone or self.phone_sent} ({self.service_id or self.service_sent})"

    @property
    def service_name(self) -> str:
        """Return the name of the service, or the name that was sent, marked as unmapped."""
        return name_of_service(self.service_id, self.service_sent)

    @property
    def is_of_another_country(self) -> bool:
        """Return True if the phone number is known to be another country's than the one sent."""
        return is_of_another_country(self.phone, self.country)

    @property
    def formatted(self) -> str:
        """Return the number as people write it, such as +49 1511 2345678, or as it was sent."""
        if not self.phone:
            return self.phone_sent
        parsed = phonenumbers.parse(self.phone, None)
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
