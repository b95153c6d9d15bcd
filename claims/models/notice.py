from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Final
from urllib.parse import urlsplit
from uuid import uuid4

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.addresses import AddressField
from accounts.models.append_only import never_deleted
from claims.models.event import Event

MOVES: Final = [
    ("waiting", "sending"),
    # The customer has no address.
    ("waiting", "unmailed"),
    ("sending", "sent"),
    ("sending", "waiting"),
    ("sending", "failed"),
    ("sending", "unsure"),
    ("unsure", "sent"),
    ("unsure", "bounced"),
    ("sent", "bounced"),
    # People make these moves, to send a notice again.
    ("failed", "waiting"),
    ("unsure", "waiting"),
    ("bounced", "waiting"),
    ("unmailed", "waiting"),
]


def new_message_id() -> str:
    """Return a new Message-ID (RFC 5322), by which we recognise a bounce."""
    return f"<{uuid4().hex}@{urlsplit(settings.BASE_URL).hostname}>"


class Notice(models.Model):
    """The mail to a customer about one event. It is written with the event and sent once.

    A notice that is known to be sent is never sent again. One that may have been sent, because a
    worker was killed or a connection broke at the last moment, is `unsure`; only a person sends it
    again. The notice to a customer without an address is `unmailed` until a person sends it again.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("to be sent")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        BOUNCED = "bounced", _("bounced")
        UNSURE = "unsure", _("perhaps sent")
        UNMAILED = "unmailed", _("not mailed: no address")

    WENT_WRONG: ClassVar = (State.FAILED, State.BOUNCED, State.UNSURE)
    RESENDABLE: ClassVar = (*WENT_WRONG, State.UNMAILED)

    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="notice")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(
        default=0, help_text=_("Since it was written, or last sent again by a person.")
    )
    message_id = models.CharField(
        _("Message-ID"), max_length=200, unique=True, default=new_message_id, editable=False
    )
    address = AddressField(blank=True, help_text=_("Where it went, or was to go, last."))
    problem = models.TextField(blank=True, help_text=_("What went wrong last."))
    made_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the customer saw its claim; none: unread.")
    )

    class Meta:
        ordering = ["made_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="sent_notice_has_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["failed", "bounced", "unsure"]) | ~Q(problem=""),
                name="notice_that_went_wrong_says_why",
            ),
        ]
        indexes = [
            # Serves the daily mail, which counts the notices that went wrong.
            models.Index(
                fields=["-made_at", "-id"],
                condition=Q(state__in=["failed", "bounced", "unsure"]),
                name="notices_that_went_wrong",
            ),
            # Serves `oldest_waiting`, which monitoring reads every few seconds.
            models.Index(
                fields=["made_at"],
                condition=Q(state__in=["waiting", "sending"]),
                name="notices_that_wait",
            ),
        ]
        permissions = [("resend_notice", "Can send a notice again")]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            *never_deleted(),
            pgtrigger.FSM(name="goes_out_once", field="state", transitions=MOVES),
            pgtrigger.ReadOnly(
                name="keeps_what_it_is_about", fields=["event", "message_id", "made_at"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event.claim}: {self.event.get_kind_display()}"

    def begin(self, *, address: str, at: datetime) -> None:
        self.state, self.address, self.tried_at = self.State.SENDING, address, at
        self.attempts += 1
        self.save(update_fields=["state", "address", "tried_at", "attempts"])

    def settle(self, state: str, *, problem: str = "", sent_at: datetime | None = None) -> None:
        self.state, self.problem, self.sent_at = state, problem, sent_at or self.sent_at
        self.save(update_fields=["state", "problem", "sent_at"])

    def wait_again(self) -> None:
        self.state, self.attempts = self.State.WAITING, 0
        self.save(update_fields=["state", "attempts"])
