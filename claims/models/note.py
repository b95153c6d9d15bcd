from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models

from accounts.models.append_only import append_only
from claims.models.claim import Claim


class Note(models.Model):
    """An internal note about a claim. The customer never sees it."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False)
    body = models.TextField(max_length=4000)
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["written_at", "id"]
        triggers: ClassVar[list[pgtrigger.Trigger]] = append_only()

    def __str__(self) -> str:
        return f"{self.author}, {self.written_at:%Y-%m-%d %H:%M}"
