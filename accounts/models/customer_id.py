from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.append_only import never_deleted
from accounts.models.customer_merge import changes_owner_by_merge, comes_to_nobody_merged


class CustomerId(models.Model):
    """The shop's own id of a customer. A person has one, and after a merge those of the others."""

    customer_id = models.CharField(_("the shop's id of the customer"), max_length=64, unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="customer_ids"
    )
    merged_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the customer of this id became another person.")
    )
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("customer id")
        constraints = [
            models.CheckConstraint(condition=~Q(customer_id=""), name="a_customer_id_is_not_empty"),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(merged_at__isnull=True),
                name="one_customer_id_of_their_own_per_person",
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            *never_deleted(),
            changes_owner_by_merge("user_id"),
            comes_to_nobody_merged("user_id"),
            pgtrigger.ReadOnly(name="keeps_its_text", fields=["customer_id", "made_at"]),
        ]

    def __str__(self) -> str:
        return self.customer_id
