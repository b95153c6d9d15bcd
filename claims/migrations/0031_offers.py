"""Offers of a replacement: the choice that a customer has, and what became of it."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0030_objections_checked"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="event",
            name="kind",
            field=models.CharField(
                choices=[
                    ("filed", "Claim filed"),
                    ("evidence_added", "Evidence added"),
                    ("evidence_accepted", "Evidence checked and accepted"),
                    ("evidence_refused", "Evidence can't be used"),
                    ("evidence_requested", "More evidence asked for"),
                    ("evidence_removed", "Evidence removed, its time being over"),
                    ("replied", "Support wrote to the customer"),
                    ("repair_started", "Repair started"),
                    ("not_repairable", "Can't be repaired"),
                    ("offered", "Replacement offered"),
                    ("offer_answered", "Choice of the customer"),
                    ("refunded", "Price returned by decision"),
                    ("goodwill", "Credit given as goodwill"),
                    ("repaired", "Repaired"),
                    ("rejected", "Claim rejected"),
                    ("reopened", "Claim reopened"),
                    ("appealed", "Rejection appealed"),
                    ("objected", "Customer says that it isn't repaired"),
                    ("withdrawn", "Claim withdrawn"),
                    ("returned", "Price returned automatically"),
                    ("late_sms", "SMS reported after the price went back"),
                    ("reminded", "Customer reminded"),
                    ("remedy_due", "Time to resolve it is over"),
                    ("assigned", "Assigned"),
                    ("corrected", "Facts corrected by staff"),
                    ("noted", "Internal note"),
                    ("approved_first", "Approved by the first of two people"),
                    ("evidence_seen", "Evidence looked at"),
                ],
                max_length=20,
            ),
        ),
        migrations.CreateModel(
            name="Offer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "answers",
                    models.JSONField(
                        default=dict,
                        help_text="What the reviewer answered, by clause: met or failed.",
                    ),
                ),
                ("note", models.TextField(help_text="The customer reads this.", max_length=4000)),
                ("made_at", models.DateTimeField()),
                (
                    "answer_by",
                    models.DateTimeField(help_text="The customer chooses before this instant."),
                ),
                (
                    "choice",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "not chosen yet"),
                            ("refund", "the price back"),
                            ("replacement", "the replacement"),
                            ("lapsed", "no answer in time: the price back"),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
                ("chosen_at", models.DateTimeField(blank=True, null=True)),
                (
                    "approval",
                    models.OneToOneField(
                        blank=True,
                        help_text="Of the first of two people, where it takes two.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.approval",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="offers",
                        to="claims.claim",
                    ),
                ),
            ],
            options={
                "ordering": ["made_at", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("choice", "")),
                        fields=["answer_by", "id"],
                        name="open_offers",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("choice", "")),
                        fields=("claim",),
                        name="one_open_offer_per_claim",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("choice", ""), ("chosen_at__isnull", True)),
                            models.Q(
                                ("choice__in", ["refund", "replacement", "lapsed"]),
                                ("chosen_at__gte", models.F("made_at")),
                                ("chosen_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="choice_has_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("choice", "replacement"), _negated=True),
                            ("chosen_at__lt", models.F("answer_by")),
                            _connector="OR",
                        ),
                        name="replacement_is_chosen_in_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("choice", "lapsed"), _negated=True),
                            ("chosen_at__gte", models.F("answer_by")),
                            _connector="OR",
                        ),
                        name="offer_lapses_when_its_time_is_over",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="offer",
            trigger=pgtrigger.compiler.Trigger(
                name="is_never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="3c3bf216f108631faf957bd02e52480e0bf1fe07",
                    operation="DELETE",
                    pgid="pgtrigger_is_never_deleted_1681f",
                    table="claims_offer",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="offer",
            trigger=pgtrigger.compiler.Trigger(
                name="is_never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'rows of % are never truncated', TG_TABLE_NAME;",
                    hash="bc483321456a48e712f51bae94ca1ea46b942d11",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_is_never_truncated_58b5c",
                    table="claims_offer",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="offer",
            trigger=pgtrigger.compiler.Trigger(
                name="keeps_what_was_offered",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."claim_id" IS DISTINCT FROM (NEW."claim_id") OR OLD."answers" IS DISTINCT FROM (NEW."answers") OR OLD."note" IS DISTINCT FROM (NEW."note") OR OLD."by_id" IS DISTINCT FROM (NEW."by_id") OR OLD."approval_id" IS DISTINCT FROM (NEW."approval_id") OR OLD."made_at" IS DISTINCT FROM (NEW."made_at") OR OLD."answer_by" IS DISTINCT FROM (NEW."answer_by"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="d6a94a9e595a6b6afde4cea9cdc069e958b651c1",
                    operation="UPDATE",
                    pgid="pgtrigger_keeps_what_was_offered_2a1c1",
                    table="claims_offer",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="offer",
            trigger=pgtrigger.compiler.Trigger(
                name="is_answered_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NOT (OLD.\"choice\" = ''))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="0db182d9928bdd660ad66f3c682dac546ac1aa72",
                    operation="UPDATE",
                    pgid="pgtrigger_is_answered_once_146dc",
                    table="claims_offer",
                    when="BEFORE",
                ),
            ),
        ),
    ]
