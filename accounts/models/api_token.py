from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.append_only import never_deleted


class ApiToken(models.Model):
    """The secret with which a person's program signs in. We show it once and keep only its hash.

    A token is 256 random bits, so its plain SHA-256 reveals nothing. Revoked tokens stay as a
    record.
    """

    class Scope(models.TextChoices):
        READ_ORDERS = "orders:read", _("Read my orders")
        READ_CLAIMS = "claims:read", _("Read my claims")
        WRITE_CLAIMS = "claims:write", _("File and withdraw claims, send files")
        READ_CREDIT = "credit:read", _("Read my credit")

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="api_tokens"
    )
    name = models.CharField(max_length=60)
    beginning = models.CharField(max_length=12, help_text=_("To know it again by."))
    digest = models.CharField(_("SHA-256"), max_length=64, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=16, choices=Scope.choices))
    made_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True, help_text=_("To the minute."))
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="api_token_has_a_name"),
            models.CheckConstraint(
                condition=Q(scopes__len__gt=0)
                & Q(scopes__contained_by=["orders:read", "claims:read", "claims:write",
                                          "credit:read"]),
                name="api_token_has_known_scopes",
            ),
        ]  # fmt: skip
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            *never_deleted(),
            pgtrigger.ReadOnly(
                name="keeps_what_it_may",
                fields=["owner", "name", "beginning", "digest", "scopes", "made_at"],
            ),
            pgtrigger.Protect(
                name="stays_revoked",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__revoked_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope_names(self) -> list[str]:
        return [str(self.Scope(scope).label) for scope in self.scopes]
