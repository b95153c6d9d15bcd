"""The customer's way back from a repair that isn't one; 0030 holds that there is one."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0028_appeals_checked"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="claim",
            name="moves_along_its_statuses",
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
        pgtrigger.migrations.AddTrigger(
            model_name="claim",
            trigger=pgtrigger.compiler.Trigger(
                name="moves_along_its_statuses",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{submitted:waiting_customer,submitted:repairing,submitted:offered,submitted:refunded,submitted:rejected,submitted:withdrawn,waiting_customer:submitted,waiting_customer:repairing,waiting_customer:offered,waiting_customer:refunded,waiting_customer:rejected,waiting_customer:withdrawn,repairing:submitted,repairing:repaired,repairing:refunded,repairing:rejected,repairing:withdrawn,offered:submitted,offered:refunded,offered:withdrawn,repaired:submitted,rejected:submitted}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="fbaa603c21553316c47a9edbd14f35da16ddd4ee",
                    operation="UPDATE",
                    pgid="pgtrigger_moves_along_its_statuses_7717b",
                    table="claims_claim",
                    when="BEFORE",
                ),
            ),
        ),
    ]
