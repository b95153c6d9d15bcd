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

from accounts.models.append_only import never_deleted
from claims.formats.identifiers import COUNTRY, SERVICE
from claims.formats.phone_numbers import E164, validate_e164


class Number(models.Model):
    """A virtual phone number as one order sold it."""

    phone = models.CharField(_("phone (E.164)"), max_length=16, validators=[validate_e164])
    service = models.CharField(max_length=40, validators=[RegexValidator(SERVICE)])
    country = models.CharField(
        _("country (ISO 3166-1 alpha-2)"), max_length=2, validators=[RegexValidator(COUNTRY)]
    )
    supplier = models.CharField(max_length=40, blank=True)
    two_factor = models.BooleanField(
        _("protected by two-factor authentication (2FA)"), default=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(phone__regex=E164), name="phone_is_e164"),
            models.CheckConstraint(condition=Q(service__regex=SERVICE), name="service_is_a_slug"),
            models.CheckConstraint(condition=Q(country__regex=COUNTRY), name="country_is_iso_3166"),
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
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            *never_deleted(),
            pgtrigger.ReadOnly(name="keeps_what_was_sold", fields=["phone", "service", "country"]),
        ]

    def __str__(self) -> str:
        return f"{self.phone} ({self.service})"

    @property
    def formatted(self) -> str:
        """Return the number as people write it, such as +49 1511 2345678."""
        parsed = phonenumbers.parse(self.phone, None)
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
