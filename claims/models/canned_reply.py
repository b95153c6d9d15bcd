from __future__ import annotations

import string

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from claims import policy, wording

PLACEHOLDERS = {
    "name": _("the customer's name"),
    "claim": _("the claim's code"),
    "order": _("the shop's order id"),
    "service": _("the service, such as Telegram"),
    "phone": _("the phone number"),
    "price": _("the price with its currency"),
    "proof_code": _("the code to have in the picture or the video"),
    "clause": _("the title of the clause"),
}


class CannedReply(models.Model):
    """A text that staff send often. They edit it before they send it."""

    name = models.CharField(max_length=80)
    clause = models.CharField(
        max_length=24,
        blank=True,
        help_text=_("Offered first with this clause; empty: with any."),
    )
    language = models.CharField(max_length=12, default="en", choices=settings.LANGUAGES)
    body = models.TextField(
        max_length=4000,
        help_text=format_lazy(
            _("May name {placeholders}."),
            placeholders=", ".join(f"{{{name}}}" for name in PLACEHOLDERS),
        ),
    )

    class Meta:
        ordering = ["clause", "name"]
        verbose_name_plural = _("canned replies")
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
            raise ValidationError({"clause": _("There is no clause of this name.")})
        self._refuse_unknown_placeholders()

    def _refuse_unknown_placeholders(self) -> None:
        try:
            named = {field[1] for field in string.Formatter().parse(self.body)} - {None}
        except ValueError as error:
            raise ValidationError(
                {"body": _("Write { and } around the name of a placeholder only, or double them.")}
            ) from error
        unknown = sorted(str(name) for name in named if name not in PLACEHOLDERS)
        if unknown:
            raise ValidationError(
                {"body": _("There is no placeholder {%(name)s}.") % {"name": unknown[0]}}
            )

    @property
    def clause_title(self) -> str:
        """The title of the clause, or '' of a reply for any clause."""
        return wording.title(policy.Clause(self.clause)) if self.clause else ""

    def filled(self, values: dict[str, str]) -> str:
        """Return the text with the values in place of the placeholders."""
        return self.body.format_map({name: values.get(name, "") for name in PLACEHOLDERS})
