from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models

from accounts.models.append_only import append_only
from claims.models.claim import Claim


class Message(models.Model):
    """A message about a claim from the customer or from staff. Both read it."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="messages")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False)
    from_staff = models.BooleanField()
    body = models.TextField(max_length=4000)
    sent_at = models.DateTimeField()

    class Meta:
        ordering = ["sent_at", "id"]
        triggers: ClassVar[list[pgtrigger.Trigger]] = append_only()

    def __str__(self) -> str:
        return f"{self.author}, {self.sent_at:%Y-%m-%d %H:%M}"
