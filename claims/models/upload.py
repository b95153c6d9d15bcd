from __future__ import annotations

import re
import secrets
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from claims.models.order import Order


def new_token() -> str:
    """A name that nobody can guess: 128 bits, safe in a URL and in a file name."""
    return secrets.token_urlsafe(16)


def is_token(text: str) -> bool:
    """Whether it can be a token at all; what a form sends may hold anything, even a NUL."""
    return re.fullmatch(r"[A-Za-z0-9_-]{1,32}", text) is not None


class Upload(models.Model):
    """Bytes on their way in: in the spool until a worker has inspected them, then only facts."""

    class Kind(models.TextChoices):
        SCREENSHOT = "screenshot", "picture"
        VIDEO = "video", "video"

    class State(models.TextChoices):
        WAITING = "waiting", "being checked"
        ACCEPTED = "accepted", "accepted"
        REFUSED = "refused", "can't be used"

    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="uploads")
    customer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    original_name = models.CharField(max_length=120, help_text="As the customer's device told it.")
    size = models.PositiveBigIntegerField(help_text="Bytes of the original.")
    sha256 = models.CharField(max_length=64, help_text="Of the original.")
    spool_name = models.CharField(max_length=80, blank=True, help_text="Empty once inspected.")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    problem = models.CharField(
        max_length=400, blank=True, help_text="What is wrong with it, in words for the customer."
    )
    report = models.JSONField(default=dict, blank=True)
    received_at = models.DateTimeField()
    inspected_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", inspected_at__isnull=True)
                | Q(state__in=["accepted", "refused"], inspected_at__isnull=False),
                name="inspected_upload_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(problem=""),
                name="refused_upload_says_what_is_wrong",
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.FSM(
                name="is_inspected_once",
                field="state",
                transitions=[("waiting", "accepted"), ("waiting", "refused")],
            ),
        ]

    def __str__(self) -> str:
        return self.original_name

    @property
    def is_usable(self) -> bool:
        """Accepted, or still to be inspected."""
        return self.state != self.State.REFUSED


class Rendition(models.Model):
    """What we made of an upload. The only bytes that are kept and shown."""

    class Role(models.TextChoices):
        PICTURE = "picture", "picture"
        VIDEO = "video", "video"
        POSTER = "poster", "poster"

    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, related_name="renditions")
    role = models.CharField(max_length=8, choices=Role.choices)
    name = models.CharField(max_length=80, unique=True, help_text="In the evidence store.")
    media_type = models.CharField(max_length=20)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["upload", "role"], name="one_rendition_per_role"),
            models.CheckConstraint(
                condition=Q(media_type__in=["image/webp", "video/mp4"]),
                name="rendition_type_is_ours",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} of {self.upload}"
