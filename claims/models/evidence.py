from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from claims.models.claim import Claim
from claims.models.upload import Upload


class Evidence(models.Model):
    """A picture or a video that a claim shows."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="evidence")
    upload = models.OneToOneField(Upload, on_delete=models.PROTECT)
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["added_at", "id"]
        verbose_name_plural = _("evidence")

    def __str__(self) -> str:
        return f"{self.upload} on {self.claim}"
