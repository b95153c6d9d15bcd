from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.append_only import never_deleted
from claims.models.approval import Approval
from claims.models.claim import Claim


class Offer(models.Model):
    """An offer of a replacement instead of the price, for a defect. The customer chooses once.

    It promises the price, too. So, like an approval of the claim, it has the reviewer's answers,
    and needs two people above the limit.
    """

    class Choice(models.TextChoices):
        OPEN = "", _("not chosen yet")
        REFUND = "refund", _("the price back")
        REPLACEMENT = "replacement", _("the replacement")
        LAPSED = "lapsed", _("no answer in time: the price back")

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="offers")
    answers = models.JSONField(
        default=dict, help_text=_("What the reviewer answered, by clause: met or failed.")
    )
    note = models.TextField(max_length=4000, help_text=_("The customer reads this."))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False)
    approval = models.OneToOneField(
        Approval,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Of the first of two people, where it takes two."),
    )
    made_at = models.DateTimeField()
    answer_by = models.DateTimeField(help_text=_("The customer chooses before this instant."))
    choice = models.CharField(
        max_length=12, choices=Choice.choices, default=Choice.OPEN, blank=True
    )
    chosen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["made_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["claim"], condition=Q(choice=""), name="one_open_offer_per_claim"
            ),
            models.CheckConstraint(
                condition=Q(choice="", chosen_at__isnull=True)
                | Q(
                    choice__in=["refund", "replacement", "lapsed"],
                    chosen_at__isnull=False,
                    chosen_at__gte=F("made_at"),
                ),
                name="choice_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(choice="replacement") | Q(chosen_at__lt=F("answer_by")),
                name="replacement_is_chosen_in_time",
            ),
            models.CheckConstraint(
                condition=~Q(choice="lapsed") | Q(chosen_at__gte=F("answer_by")),
                name="offer_lapses_when_its_time_is_over",
            ),
        ]
        indexes = [
            # Serves `to_lapse`.
            models.Index(fields=["answer_by", "id"], condition=Q(choice=""), name="open_offers")
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            *never_deleted(),
            pgtrigger.ReadOnly(
                name="keeps_what_was_offered",
                fields=["claim", "answers", "note", "by", "approval", "made_at", "answer_by"],
            ),
            pgtrigger.Protect(
                name="is_answered_once",
                operation=pgtrigger.Update,
                condition=~pgtrigger.Q(old__choice=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim}: {self.get_choice_display()}"

    def choose(self, choice: Choice, *, at: datetime) -> None:
        self.choice, self.chosen_at = choice, at
        self.save(update_fields=["choice", "chosen_at"])
