"""What an appeal needs of the database; what was there before is held against it by 0028."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_email_search"),
        ("claims", "0026_deadline_constraints_checked"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="decision",
            name="claim_is_reopened_once",
        ),
        migrations.AlterField(
            model_name="decision",
            name="round",
            field=models.PositiveSmallIntegerField(
                default=1, help_text="1, and one more for each time the claim was reopened."
            ),
        ),
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
                    ("refunded", "Price returned by decision"),
                    ("goodwill", "Credit given as goodwill"),
                    ("repaired", "Repaired"),
                    ("rejected", "Claim rejected"),
                    ("reopened", "Claim reopened"),
                    ("appealed", "Rejection appealed"),
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
        pgtrigger.migrations.AddTrigger(
            model_name="decision",
            trigger=pgtrigger.compiler.Trigger(
                name="takes_another_after_an_appeal",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NEW."round" > 1)',
                    func="\nIF EXISTS (\n    SELECT 1 FROM claims_event AS appeal\n      JOIN claims_decision AS earlier ON earlier.claim_id = appeal.claim_id\n     WHERE appeal.claim_id = NEW.claim_id AND appeal.kind = 'appealed'\n       AND earlier.decided_at <= appeal.at AND earlier.by_id = NEW.by_id\n) THEN\n    RAISE EXCEPTION 'an appeal is decided by another person';\nEND IF;\nRETURN NEW;\n",
                    hash="d5b8d71922db7b1ad285b164ffa99b97aba10ff6",
                    operation="INSERT",
                    pgid="pgtrigger_takes_another_after_an_appeal_04927",
                    table="claims_decision",
                    when="BEFORE",
                ),
            ),
        ),
        AddConstraintNotValid(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("round__gte", 1), ("round__lte", 4)),
                name="claim_is_decided_a_few_times",
            ),
        ),
    ]
