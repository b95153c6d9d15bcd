from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.addresses import AddressField
from accounts.models.append_only import append_only
from claims.models.notice import Notice


class NoticeMail(models.Model):
    """A mail as the mail server got it, kept as proof of what the customer was told."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="mails")
    at = models.DateTimeField(help_text=_("When it was handed over."))
    address = AddressField()
    language = models.CharField(max_length=12)
    subject = models.CharField(max_length=200)
    text = models.TextField()

    class Meta:
        ordering = ["at", "id"]
        triggers: ClassVar[list[pgtrigger.Trigger]] = append_only()

    def __str__(self) -> str:
        return f"{self.subject}, to {self.address}"
