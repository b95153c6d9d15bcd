"""Uploads that arrive in pieces: what is added. 0005 fills it, 0006 holds it."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("claims", "0003_staff_groups")]

    operations = [
        migrations.CreateModel(
            name="Piece",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "offset",
                    models.PositiveBigIntegerField(
                        help_text="Where in the upload it begins, in bytes."
                    ),
                ),
                ("size", models.PositiveBigIntegerField(help_text="Bytes.")),
                ("name", models.CharField(help_text="In the spool.", max_length=80, unique=True)),
            ],
            options={
                "ordering": ["upload", "offset"],
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="claim",
            name="keeps_what_was_filed",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="upload",
            name="is_inspected_once",
        ),
        migrations.RemoveConstraint(
            model_name="upload",
            name="inspected_upload_has_a_time",
        ),
        migrations.AddField(
            model_name="claim",
            name="proof_code",
            field=models.CharField(
                blank=True,
                help_text="What the customer was asked to show in the picture or the video, if proof was.",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="upload",
            name="progress",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="Per cent of the inspection that is done."
            ),
        ),
        migrations.AddField(
            model_name="upload",
            name="received",
            field=models.PositiveBigIntegerField(
                default=0, help_text="Bytes that are here by now."
            ),
        ),
        migrations.AddField(
            model_name="upload",
            name="removed_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When its files were deleted, and only this line stayed.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="upload",
            name="scan",
            field=models.CharField(
                choices=[("clean", "no malware found"), ("not_scanned", "not scanned for malware")],
                default="not_scanned",
                help_text="What the malware scanner said of the original.",
                max_length=12,
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
                    ("refunded", "Price returned by decision"),
                    ("rejected", "Claim rejected"),
                    ("withdrawn", "Claim withdrawn"),
                    ("returned", "Price returned automatically"),
                    ("late_sms", "SMS reported after the price went back"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="upload",
            name="kind",
            field=models.CharField(
                blank=True,
                choices=[("screenshot", "picture"), ("video", "video")],
                help_text="By its first bytes; empty until they are here.",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="upload",
            name="received_at",
            field=models.DateTimeField(help_text="When its last bytes so far came in."),
        ),
        migrations.AlterField(
            model_name="upload",
            name="sha256",
            field=models.CharField(
                blank=True,
                help_text="Of the original; of pieces, known when inspected.",
                max_length=64,
            ),
        ),
        migrations.AlterField(
            model_name="upload",
            name="state",
            field=models.CharField(
                choices=[
                    ("receiving", "being sent"),
                    ("waiting", "being checked"),
                    ("accepted", "accepted"),
                    ("refused", "can't be used"),
                    ("removed", "removed"),
                ],
                default="waiting",
                max_length=12,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="claim",
            trigger=pgtrigger.compiler.Trigger(
                name="keeps_what_was_filed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."order_id" IS DISTINCT FROM (NEW."order_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."customer_two_factor" IS DISTINCT FROM (NEW."customer_two_factor") OR OLD."terms_version" IS DISTINCT FROM (NEW."terms_version") OR OLD."proof_code" IS DISTINCT FROM (NEW."proof_code") OR OLD."filed_at" IS DISTINCT FROM (NEW."filed_at") OR OLD."submission" IS DISTINCT FROM (NEW."submission"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="26629fb6c83141e2db27878dcc3b0a8800223ef2",
                    operation="UPDATE",
                    pgid="pgtrigger_keeps_what_was_filed_601cc",
                    table="claims_claim",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="upload",
            trigger=pgtrigger.compiler.Trigger(
                name="is_inspected_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{receiving:waiting,waiting:accepted,waiting:refused,receiving:removed,waiting:removed,accepted:removed,refused:removed}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="cced3cddafaf83fdfe653071d1eb98195940d6f4",
                    operation="UPDATE",
                    pgid="pgtrigger_is_inspected_once_670cf",
                    table="claims_upload",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddField(
            model_name="piece",
            name="upload",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="pieces",
                to="claims.upload",
            ),
        ),
        migrations.AddConstraint(
            model_name="piece",
            constraint=models.UniqueConstraint(
                fields=("upload", "offset"), name="one_piece_begins_at_each_offset"
            ),
        ),
        migrations.AddConstraint(
            model_name="piece",
            constraint=models.CheckConstraint(
                condition=models.Q(("size__gt", 0)), name="piece_has_bytes"
            ),
        ),
    ]
