from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models.append_only import never_deleted


class SignInLink(models.Model):
    """A link that an operator had printed, by which one person signs in once.

    We print it once and keep only its hash: it holds 256 random bits, so a plain SHA-256 reveals
    nothing.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="sign_in_links"
    )
    address = models.CharField(max_length=320, help_text="The person's address at that time.")
    digest = models.CharField("SHA-256", max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(used_at__lt=F("expires_at")),
                name="a_sign_in_link_is_used_before_it_expires",
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            *never_deleted(),
            pgtrigger.ReadOnly(
                name="keeps_whom_it_lets_in",
                fields=["user", "address", "digest", "made_at", "expires_at"],
            ),
            pgtrigger.Protect(
                name="is_used_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__used_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"Link {self.pk}"
