from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.append_only import never_deleted
from accounts.models.customer_merge import changes_owner_by_merge


class CustomerAddress(models.Model):
    """An email address that a customer with an id of the shop has now, or had before.

    The shop tells it. People whom it knows by address alone have a row only once another person's
    address is, or was, the same.
    """

    # The index of the constraint begins with it.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="told_addresses",
        db_index=False,
    )
    email = models.CharField(max_length=254, db_index=True)
    told_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("When the shop told it last; none: never with the customer's id."),
    )

    is_former = models.BooleanField(
        default=False, help_text=_("Of a customer who became this person; it is never theirs.")
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "email"], name="one_row_per_told_address"),
            models.CheckConstraint(condition=~Q(email=""), name="a_told_address_is_not_empty"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            *never_deleted(),
            changes_owner_by_merge("user_id"),
            pgtrigger.ReadOnly(name="keeps_its_address", fields=["email"]),
        ]

    def __str__(self) -> str:
        return self.email
