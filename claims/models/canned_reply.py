from __future__ import annotations

import string

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from claims import policy, wording

PLACEHOLDERS = {
    "name": "the customer's name",
    "claim": "the claim's code",
    "order": "the shop's order id",
    "service": "the service, such as Telegram",
    "phone": "the phone number",
    "price": "the price with its currency",
    "proof_code": "the code to have in the picture or the video",
    "clause": "the title of the clause",
}


class CannedReply(models.Model):
    """A text that staff send often, to be edited before it is sent."""

    name = models.CharField(max_length=80)
    clause = models.CharField(
        max_length=24,
        blank=True,
        help_text="Offered first with this clause; empty: with any.",
    )
    language = models.CharField(max_length=12, default="en", choices=settings.LANGUAGES)
    body = models.TextField(
        max_length=4000,
        help_text="May name " + ", ".join(f"{{{name}}}" for name in PLACEHOLDERS) + ".",
    )

    class Meta:
        ordering = ["clause", "name"]
        verbose_name_plural = "canned replies"
        constraints = [
            models.UniqueConstraint(
                fields=["name", "language"], name="one_canned_reply_per_name_and_language"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse an unknown clause, and a placeholder that nothing fills in."""
        super().clean()
        if self.clause and self.clause not in set(policy.Clause):
            raise ValidationError({"clause": "There is no clause of this name."})
        self._refuse_unknown_placeholders()

    def _refuse_unknown_placeholders(self) -> None:
        try:
            named = {name for _, name, _, _ in string.Formatter().parse(self.body)} - {None}
        except ValueError as error:
            raise ValidationError(
                {"body": "Write { and } around the name of a placeholder only, or double them."}
            ) from error
        unknown = sorted(str(name) for name in named if name not in PLACEHOLDERS)
        if unknown:
            raise ValidationError({"body": f"Nothing fills in {{{unknown[0]}}}."})

    @property
    def clause_title(self) -> str:
        """The title of the clause, or '' of a reply for any clause."""
        return wording.title(policy.Clause(self.clause)) if self.clause else ""

    def filled(self, values: dict[str, str]) -> str:
        """The text with every placeholder filled in."""
        return self.body.format_map({name: values.get(name, "") for name in PLACEHOLDERS})
