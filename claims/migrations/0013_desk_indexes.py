"""Indexes for each way to look at the queue, and what the database holds of decisions.

Not atomic: indexes on full tables are built beside their writers, constraints checked afterwards.
"""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.indexes import OpClass
from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    ValidateConstraint,
)
from django.db import migrations, models
from django.db.models.functions import Reverse

OPEN = ["submitted", "waiting_customer", "repairing", "offered"]
FINAL = ["refunded", "repaired", "rejected", "withdrawn"]
FILTERED = [
    "status",
    "kind",
    "service",
    "country",
    "supplier",
    "channel",
    "price_band",
    "shown",
    "is_failing",
    "assignee",
]
INDEXES = [
    ("event", models.Index(fields=["actor", "at"], name="events_of_a_person")),
    ("decision", models.Index(fields=["by", "decided_at"], name="decisions_of_a_person")),
    (
        "number",
        models.Index(
            OpClass("phone", name="varchar_pattern_ops"), name="numbers_by_phone_beginning"
        ),
    ),
    (
        "number",
        models.Index(
            OpClass(Reverse("phone"), name="text_pattern_ops"), name="numbers_by_phone_ending"
        ),
    ),
    *(
        (
            "claim",
            models.Index(
                fields=[*leading, "due_at", "id"],
                condition=models.Q(status__in=OPEN),
                name=name,
            ),
        )
        for name, leading in [
            ("open_claims_by_due", []),
            *((f"open_by_{name}", [name]) for name in FILTERED),
        ]
    ),
    *(
        (
            "claim",
            models.Index(
                fields=[*leading, "-closed_at", "-id"],
                condition=models.Q(closed_at__isnull=False),
                name=name,
            ),
        )
        for name, leading in [
            ("closed_claims", []),
            *((f"closed_by_{name}", [name]) for name in FILTERED),
        ]
    ),
    (
        "claim",
        models.Index(
            fields=["due_at", "id"],
            condition=models.Q(status__in=["submitted", "repairing"], assignee__isnull=True),
            name="free_claims_by_due",
        ),
    ),
    (
        "claim",
        models.Index(
            fields=["due_at", "id"],
            condition=models.Q(status__in=OPEN, kind="major_defect"),
            name="open_defects_by_due",
        ),
    ),
    ("claim", models.Index(fields=["filed_at", "id"], name="claims_by_filing")),
]
CHECKS = [
    (
        "claim",
        models.CheckConstraint(
            condition=models.Q(status__in=OPEN, closed_at__isnull=True, decision__isnull=True)
            | models.Q(status__in=FINAL, closed_at__isnull=False, approval__isnull=True),
            name="closed_claim_has_a_time",
        ),
    ),
    (
        "claim",
        models.CheckConstraint(
            condition=models.Q(due_at__gte=models.F("filed_at")),
            name="claim_is_due_after_its_filing",
        ),
    ),
    (
        "decision",
        models.CheckConstraint(
            condition=models.Q(round__gte=1, round__lte=2), name="claim_is_reopened_once"
        ),
    ),
    (
        "decision",
        models.CheckConstraint(
            condition=models.Q(outcome="refund", transfer__isnull=False, clause="")
            | (models.Q(outcome="goodwill", transfer__isnull=False, clause="") & ~models.Q(note=""))
            | models.Q(outcome="repair", transfer__isnull=True, clause="")
            | (
                models.Q(outcome="rejection", transfer__isnull=True)
                & ~models.Q(clause="")
                & ~models.Q(note="")
            ),
            name="decision_has_what_its_outcome_needs",
        ),
    ),
]
UNIQUE = [
    (
        "decision",
        "(claim_id, round)",
        models.UniqueConstraint(fields=["claim", "round"], name="one_decision_per_round"),
    ),
    (
        "event",
        "(claim_id) WHERE kind = 'reopened'",
        models.UniqueConstraint(
            fields=["claim"],
            condition=models.Q(kind="reopened"),
            name="claim_is_reopened_only_once",
        ),
    ),
]
# A check of its own lets the column become NOT NULL without reading the table under a lock.
DUE = """
ALTER TABLE claims_claim ADD CONSTRAINT due_is_known CHECK (due_at IS NOT NULL) NOT VALID;
"""
ADOPT = """
ALTER TABLE claims_decision
ADD CONSTRAINT one_decision_per_round UNIQUE USING INDEX one_decision_per_round
"""
SWAP_LIVE = """
DROP INDEX one_live_claim_per_order;
ALTER INDEX live_claims_per_order RENAME TO one_live_claim_per_order;
"""
BUILD_LIVE = """
CREATE UNIQUE INDEX CONCURRENTLY live_claims_per_order ON claims_claim (order_id)
WHERE status IN ('submitted', 'waiting_customer', 'repairing', 'offered')
"""


def without_transaction(statements):
    """Each in its own, as CONCURRENTLY asks for."""
    return migrations.RunSQL(statements, migrations.RunSQL.noop)


def built_beside(model, columns, constraint):
    name = constraint.name
    drop = f"DROP INDEX CONCURRENTLY IF EXISTS {name}"
    build = f"CREATE UNIQUE INDEX CONCURRENTLY {name} ON claims_{model} {columns}"
    return migrations.SeparateDatabaseAndState(
        database_operations=[migrations.RunSQL((drop, build), drop)],
        state_operations=[migrations.AddConstraint(model_name=model, constraint=constraint)],
    )


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("claims", "0012_fill_desk")]

    operations = [
        without_transaction([DUE]),
        without_transaction(["ALTER TABLE claims_claim VALIDATE CONSTRAINT due_is_known"]),
        migrations.AlterField(
            model_name="claim",
            name="due_at",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="When a remedy for a defect is due; for other kinds, when we want to be done.",
            ),
        ),
        without_transaction(["ALTER TABLE claims_claim DROP CONSTRAINT due_is_known"]),
        *(built_beside(*each) for each in UNIQUE),
        migrations.RunSQL(
            [ADOPT], ["ALTER TABLE claims_decision DROP CONSTRAINT one_decision_per_round"]
        ),
        migrations.AlterField(
            model_name="decision",
            name="claim",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="decisions",
                to="claims.claim",
            ),
        ),
        without_transaction(
            ["DROP INDEX CONCURRENTLY IF EXISTS live_claims_per_order", BUILD_LIVE]
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL([SWAP_LIVE], migrations.RunSQL.noop)],
            state_operations=[
                migrations.RemoveConstraint(model_name="claim", name="one_live_claim_per_order"),
                migrations.AddConstraint(
                    model_name="claim",
                    constraint=models.UniqueConstraint(
                        fields=["order"],
                        condition=models.Q(status__in=OPEN),
                        name="one_live_claim_per_order",
                        violation_error_message="Another claim on this order is open.",
                    ),
                ),
            ],
        ),
        migrations.RemoveConstraint(model_name="claim", name="closed_claim_has_a_time"),
        migrations.RemoveConstraint(
            model_name="decision", name="refund_has_a_transfer_and_rejection_a_clause"
        ),
        *(AddConstraintNotValid(model_name=model, constraint=check) for model, check in CHECKS),
        *(ValidateConstraint(model_name=model, name=check.name) for model, check in CHECKS),
        *(AddIndexConcurrently(model_name=model, index=index) for model, index in INDEXES),
        RemoveIndexConcurrently(model_name="claim", name="open_claims_by_age"),
        RemoveIndexConcurrently(model_name="number", name="numbers_by_phone"),
        pgtrigger.migrations.RemoveTrigger(model_name="claim", name="keeps_what_was_filed"),
        pgtrigger.migrations.AddTrigger(
            model_name="claim",
            trigger=pgtrigger.compiler.Trigger(
                name="keeps_what_was_filed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."order_id" IS DISTINCT FROM (NEW."order_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."customer_two_factor" IS DISTINCT FROM (NEW."customer_two_factor") OR OLD."terms_version" IS DISTINCT FROM (NEW."terms_version") OR OLD."proof_code" IS DISTINCT FROM (NEW."proof_code") OR OLD."filed_at" IS DISTINCT FROM (NEW."filed_at") OR OLD."submission" IS DISTINCT FROM (NEW."submission") OR OLD."country" IS DISTINCT FROM (NEW."country") OR OLD."supplier" IS DISTINCT FROM (NEW."supplier") OR OLD."price_band" IS DISTINCT FROM (NEW."price_band"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="57742b4bdb8ddd85ba537101f0860ce2e627cf7f",
                    operation="UPDATE",
                    pgid="pgtrigger_keeps_what_was_filed_601cc",
                    table="claims_claim",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="decision",
            trigger=pgtrigger.compiler.Trigger(
                name="takes_two_above_the_limit",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NEW."transfer_id" IS NOT NULL)',
                    declare="DECLARE paid record;",
                    func="\nSELECT amount, currency INTO paid FROM accounts_credittransfer WHERE id = NEW.transfer_id;\nIF EXISTS (\n    SELECT 1 FROM claims_approvallimit AS most\n     WHERE most.currency = paid.currency AND paid.amount > most.amount\n) AND NOT EXISTS (\n    SELECT 1 FROM claims_approval AS first\n     WHERE first.id = NEW.approval_id AND first.claim_id = NEW.claim_id\n       AND first.by_id <> NEW.by_id AND first.outcome = NEW.outcome AND first.amount = paid.amount\n) THEN\n    RAISE EXCEPTION 'more than the approval limit takes two people';\nEND IF;\nRETURN NEW;\n",
                    hash="91eb8298988f8dc054823024dcc5749cf7928f21",
                    operation="INSERT",
                    pgid="pgtrigger_takes_two_above_the_limit_01ffd",
                    table="claims_decision",
                    when="BEFORE",
                ),
            ),
        ),
    ]
