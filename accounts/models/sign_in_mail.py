from __future__ import annotations

from typing import ClassVar, Final

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

SEALED: Final = "gAAAA"
"""The beginning of every text that `accounts.sealing` has sealed."""


class SignInMail(models.Model):
    """A mail of the sign-in pages that waits for the mail server, and then its result.

    The mail holds a code or a link that lets its reader in, so it is sealed, and erased as soon as
    it is sent, refused or expired. No page shows these rows.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        REFUSED = "refused"
        EXPIRED = "expired"

    UNKNOWN_ACCOUNT: Final = "unknown_account"
    """The kind of a mail to an address without an account."""

    kind = models.CharField(max_length=40)
    address = models.CharField(max_length=320)
    sealed = models.TextField(blank=True, editable=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    day = models.DateField(help_text="Of `made_at`, in UTC.")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", sealed__startswith=SEALED)
                | (~Q(state="waiting") & Q(sealed="")),
                name="a_sign_in_mail_is_sealed_and_then_erased",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="a_sent_sign_in_mail_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sent", "refused", "expired"]),
                name="a_sign_in_mail_has_a_known_state",
            ),
            # A refused or expired mail has reached nobody, so it doesn't count.
            models.UniqueConstraint(
                Lower("address"),
                "day",
                condition=Q(kind="unknown_account", state__in=["waiting", "sent"]),
                name="one_mail_a_day_to_an_address_without_account",
            ),
        ]
        indexes = [
            # the last mails to an address, for the page that waits for one
            models.Index(Lower("address"), F("id").desc(), name="sign_in_mail_by_address"),
            # the sweep of expired mails
            models.Index(
                fields=["expires_at"], condition=Q(state="waiting"), name="sign_in_mail_waiting"
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.ReadOnly(
                name="keeps_whom_it_is_for",
                fields=["kind", "address", "day", "made_at", "expires_at"],
            ),
            pgtrigger.Protect(
                name="stays_ended",
                operation=pgtrigger.Update,
                condition=~pgtrigger.Q(old__state="waiting"),
            ),
            pgtrigger.Protect(
                name="is_kept_while_it_waits",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__state="waiting"),
            ),
        ]

    def __str__(self) -> str:
        return f"Mail {self.pk} ({self.kind}, {self.state})"
