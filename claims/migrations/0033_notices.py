"""Notices: the mail to a customer about an event, and what became of it."""

import claims.models.notice
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0032_fill_offers"),
    ]

    operations = [
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "to be sent"),
                            ("sending", "being sent"),
                            ("sent", "sent"),
                            ("failed", "failed"),
                            ("bounced", "bounced"),
                            ("unsure", "perhaps sent"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                (
                    "attempts",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="Since it was written, or last sent again by a person."
                    ),
                ),
                (
                    "message_id",
                    models.CharField(
                        default=claims.models.notice.new_message_id,
                        editable=False,
                        max_length=200,
                        unique=True,
                        verbose_name="Message-ID",
                    ),
                ),
                (
                    "address",
                    models.EmailField(
                        blank=True, help_text="Where it went, or was to go, last.", max_length=254
                    ),
                ),
                ("problem", models.TextField(blank=True, help_text="What went wrong last.")),
                ("made_at", models.DateTimeField()),
                ("tried_at", models.DateTimeField(blank=True, null=True)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notice",
                        to="claims.event",
                    ),
                ),
            ],
            options={
                "ordering": ["made_at", "id"],
                "permissions": [("resend_notice", "Can send a notice again")],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["failed", "bounced", "unsure"])),
                        fields=["-made_at", "-id"],
                        name="notices_that_went_wrong",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "sent"), _negated=True),
                            ("sent_at__isnull", False),
                            _connector="OR",
                        ),
                        name="sent_notice_has_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["failed", "bounced", "unsure"]), _negated=True),
                            models.Q(("problem", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="notice_that_went_wrong_says_why",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="notice",
            trigger=pgtrigger.compiler.Trigger(
                name="is_never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="82e3181bebf9b50101d16d27d0bc5482f88ad166",
                    operation="DELETE",
                    pgid="pgtrigger_is_never_deleted_728e3",
                    table="claims_notice",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="notice",
            trigger=pgtrigger.compiler.Trigger(
                name="is_never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'rows of % are never truncated', TG_TABLE_NAME;",
                    hash="840b51aaa23278aeb64f17b62e01c88b76837002",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_is_never_truncated_2ba7b",
                    table="claims_notice",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="notice",
            trigger=pgtrigger.compiler.Trigger(
                name="goes_out_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{waiting:sending,sending:sent,sending:waiting,sending:failed,sending:unsure,unsure:sent,unsure:bounced,sent:bounced,failed:waiting,unsure:waiting,bounced:waiting}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="bcbfe0ff48c6a1ea61f34641c2c68f6e7957c01e",
                    operation="UPDATE",
                    pgid="pgtrigger_goes_out_once_5356c",
                    table="claims_notice",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="notice",
            trigger=pgtrigger.compiler.Trigger(
                name="keeps_what_it_is_about",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."event_id" IS DISTINCT FROM (NEW."event_id") OR OLD."message_id" IS DISTINCT FROM (NEW."message_id") OR OLD."made_at" IS DISTINCT FROM (NEW."made_at"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="033dbba034c867f239d88f830a34f6d25ac71710",
                    operation="UPDATE",
                    pgid="pgtrigger_keeps_what_it_is_about_2e526",
                    table="claims_notice",
                    when="BEFORE",
                ),
            ),
        ),
    ]
