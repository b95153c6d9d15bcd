from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar, Final

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.append_only import never_deleted

OBJECTION_TIME: Final = timedelta(hours=24)
"""The time that both people have to object, from the mail to each."""
MOVES: Final = [
    ("asked", "confirmed"),
    ("asked", "cancelled"),
    ("confirmed", "cancelled"),
    ("confirmed", "objected"),
    ("confirmed", "done"),
]
WAITS_FOR_BOTH: Final = """
IF NEW.done_at > clock_timestamp() THEN
    RAISE EXCEPTION 'a merge is done by the clock of the database';
END IF;
IF EXISTS (SELECT FROM accounts_customermerge AS earlier
            WHERE earlier.merged_id = NEW.survivor_id AND earlier.state = 'done') THEN
    RAISE EXCEPTION 'nobody becomes a person who became another';
END IF;
RETURN NEW;
"""


class CustomerMerge(models.Model):
    """Two customers who become one: `merged` ends, and `survivor` gets what was theirs.

    One person asks for it, another one confirms it, both customers are mailed, and it is done a
    day later unless either objects. Nothing undoes it.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("waits for a second person")
        CONFIRMED = "confirmed", _("waits for objections")
        DONE = "done", _("done")
        OBJECTED = "objected", _("a customer objected")
        CANCELLED = "cancelled", _("cancelled")

    LIVE: ClassVar = (State.ASKED, State.CONFIRMED)

    merged = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="merges_away"
    )
    survivor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="merges_in"
    )
    reason = models.TextField(max_length=4000)
    state = models.CharField(max_length=9, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    asked_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    merged_address = models.CharField(max_length=254, blank=True)
    survivor_address = models.CharField(max_length=254, blank=True)
    merged_mailed_at = models.DateTimeField(null=True, blank=True)
    survivor_mailed_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text=_("The customer who objected, or the member of staff who cancelled it."),
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    moved = models.JSONField(
        default=dict, blank=True, help_text=_("What the survivor got from the other.")
    )

    class Meta:
        verbose_name = _("merge of customers")
        verbose_name_plural = _("merges of customers")
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(merged=F("survivor")), name="a_merge_is_of_two_people"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("asked_by")),
                name="a_merge_is_confirmed_by_another_person",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "cancelled"])
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="a_merge_is_confirmed_before_it_is_done",
            ),
            models.CheckConstraint(
                condition=(Q(state="done") & Q(done_at__isnull=False))
                | (~Q(state="done") & Q(done_at__isnull=True)),
                name="a_done_merge_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="done")
                | (
                    (Q(merged_address="") | Q(done_at__gte=F("merged_mailed_at") + OBJECTION_TIME))
                    & (
                        Q(survivor_address="")
                        | Q(done_at__gte=F("survivor_mailed_at") + OBJECTION_TIME)
                    )
                    & Q(done_at__gte=F("confirmed_at") + OBJECTION_TIME)
                ),
                name="both_had_a_day_to_object",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_merge_has_a_reason"),
            models.UniqueConstraint(
                fields=["merged"],
                condition=Q(state__in=["asked", "confirmed", "done"]),
                name="one_becomes_another_person_once",
            ),
        ]
        permissions = [
            ("ask_merge", "Can ask for two customers to become one"),
            ("confirm_merge", "Can confirm that two customers become one"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            *never_deleted(),
            pgtrigger.FSM(name="ends_once", field="state", transitions=MOVES),
            pgtrigger.ReadOnly(
                name="keeps_whom_it_joins",
                fields=["merged", "survivor", "reason", "asked_by", "asked_at"],
            ),
            pgtrigger.Protect(
                name="stays_done",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state__in=["done", "objected", "cancelled"]),
            ),
            pgtrigger.Protect(
                name="is_mailed_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__merged_mailed_at__isnull=False)
                & pgtrigger.Q(old__merged_mailed_at__df=pgtrigger.F("new__merged_mailed_at"))
                | pgtrigger.Q(old__survivor_mailed_at__isnull=False)
                & pgtrigger.Q(old__survivor_mailed_at__df=pgtrigger.F("new__survivor_mailed_at")),
            ),
            pgtrigger.Trigger(
                name="waits_for_both",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(new__state="done"),
                func=WAITS_FOR_BOTH,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merged} → {self.survivor}"

    @property
    def due_at(self) -> datetime | None:
        """Return when it is done unless somebody objects; None until both customers are mailed.

        A customer without an address isn't mailed.
        """
        mailed = [
            at
            for address, at in (
                (self.merged_address, self.merged_mailed_at),
                (self.survivor_address, self.survivor_mailed_at),
            )
            if address
        ]
        known = [at for at in (self.confirmed_at, *mailed) if at]
        return max(known) + OBJECTION_TIME if len(known) == 1 + len(mailed) else None


def changes_owner_by_merge(column: str) -> pgtrigger.Trigger:
    """Return a trigger that refuses another owner in this column, but for the survivor of a merge.

    `column` is the name of the foreign key in the database.
    """
    field = column.removesuffix("_id")
    return pgtrigger.Trigger(
        name="changes_owner_by_merge",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Q(**{f"old__{field}__df": pgtrigger.F(f"new__{field}")}),
        func=f"""
IF NOT EXISTS (SELECT FROM accounts_customermerge AS done
                WHERE done.state = 'done' AND done.merged_id = OLD.{column}
                  AND done.survivor_id = NEW.{column}) THEN
    RAISE EXCEPTION 'only a merge gives this to another person';
END IF;
RETURN NEW;
""",  # only the name of a column is put in
    )


def comes_to_nobody_merged(column: str) -> pgtrigger.Trigger:
    """Return a trigger that refuses new rows of a person who became another one."""
    return pgtrigger.Trigger(
        name="comes_to_nobody_merged",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=f"""
IF EXISTS (SELECT FROM accounts_customermerge AS done
            WHERE done.state = 'done' AND done.merged_id = NEW.{column}) THEN
    RAISE EXCEPTION 'this customer has become another person';
END IF;
RETURN NEW;
""",  # only the name of a column is put in
    )
