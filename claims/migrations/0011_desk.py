"""What the desk needs: leases, approvals, notes, incidents, and what the queue is sorted by.

0012 fills the new columns, 0013 holds them.
"""

import django.core.validators
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_email_search"),
        ("claims", "0010_one_answer_per_form"),
    ]

    operations = [
        migrations.CreateModel(
            name="Approval",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[("refund", "refund"), ("goodwill", "goodwill")], max_length=10
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12)),
                ("currency", models.CharField(max_length=3)),
                (
                    "answers",
                    models.JSONField(
                        default=dict,
                        help_text="What the reviewer answered, by clause: met or failed.",
                    ),
                ),
                (
                    "note",
                    models.TextField(
                        blank=True, help_text="Meant for the customer.", max_length=4000
                    ),
                ),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["made_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="ApprovalLimit",
            fields=[
                (
                    "currency",
                    models.CharField(
                        max_length=3,
                        primary_key=True,
                        serialize=False,
                        validators=[django.core.validators.RegexValidator("^[A-Z]{3}$")],
                        verbose_name="currency (ISO 4217)",
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2,
                        help_text="The most that one person pays alone.",
                        max_digits=12,
                        validators=[django.core.validators.MinValueValidator(Decimal(0))],
                    ),
                ),
            ],
            options={
                "ordering": ["currency"],
            },
        ),
        migrations.CreateModel(
            name="CannedReply",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                (
                    "clause",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("top-up", "Credit top-ups"),
                            ("already-returned", "Already returned"),
                            ("claim-window", "Time to file a claim"),
                            ("clear-reason", "A clear reason"),
                            ("terms", "Terms and return policy"),
                            ("telegram-2fa-api", "Telegram 2FA numbers bought through the API"),
                            ("allotted-time", "Time allotted for an SMS"),
                            ("activation-complete", "Completed activations"),
                            ("server-side", "A cause on our side"),
                            ("sms-received", "An SMS was received"),
                            ("proof", "Proof of an invalid number"),
                            ("telegram-2fa-video", "Video for Telegram 2FA numbers"),
                            ("critical-defect", "Critical errors"),
                            ("repair", "Time to resolve the problem"),
                            ("api-misuse", "Correct use of the API"),
                            ("third-party", "Your own software"),
                            ("one-live-claim", "One open claim per order"),
                        ],
                        help_text="Offered first with this clause; empty: with any.",
                        max_length=24,
                    ),
                ),
                (
                    "language",
                    models.CharField(choices=[("en", "English")], default="en", max_length=12),
                ),
                (
                    "body",
                    models.TextField(
                        help_text="May name {name}, {claim}, {order}, {service}, {phone}, {price}, {proof_code}, {clause}.",
                        max_length=4000,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "canned replies",
                "ordering": ["clause", "name"],
            },
        ),
        migrations.CreateModel(
            name="Incident",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("supplier", models.CharField(blank=True, max_length=40)),
                ("service", models.CharField(max_length=40)),
                ("country", models.CharField(max_length=2)),
                ("hour", models.DateTimeField(help_text="When the hour of the purchases begins.")),
                (
                    "because",
                    models.TextField(help_text="Why the cause lay with the shop.", max_length=4000),
                ),
                (
                    "answers",
                    models.JSONField(
                        default=dict,
                        help_text="What the reviewer answered for the group, by clause.",
                    ),
                ),
                (
                    "note",
                    models.TextField(
                        blank=True, help_text="The customers read this.", max_length=4000
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "being worked off"),
                            ("stopped", "stopped"),
                            ("done", "done"),
                        ],
                        default="running",
                        max_length=8,
                    ),
                ),
                ("answered_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "submission",
                    models.UUIDField(
                        editable=False,
                        help_text="One for each form that was shown, so that a form sent twice is one answer.",
                        unique=True,
                    ),
                ),
            ],
            options={
                "ordering": ["-answered_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="IncidentClaim",
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
                            ("waiting", "waiting"),
                            ("approved", "approved"),
                            ("left", "not approved"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("why", models.TextField(blank=True, help_text="Why it was not approved.")),
                ("at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Lease",
            fields=[
                (
                    "claim",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="lease",
                        serialize=False,
                        to="claims.claim",
                    ),
                ),
                ("taken_at", models.DateTimeField()),
                ("until", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("body", models.TextField(max_length=4000)),
                ("written_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["written_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="SavedFilter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40)),
                ("query", models.CharField(help_text="As in the queue's address.", max_length=500)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.AlterModelOptions(
            name="claim",
            options={
                "ordering": ["filed_at", "id"],
                "permissions": [
                    ("review_claim", "Can review and decide claims"),
                    ("give_goodwill", "Can credit goodwill outside the policy"),
                    ("export_claims", "Can export claims"),
                    ("reopen_claim", "Can reopen a rejected claim"),
                ],
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="claim",
            name="moves_along_its_statuses",
        ),
        migrations.AddField(
            model_name="claim",
            name="assignee",
            field=models.ForeignKey(
                blank=True,
                help_text="Whose work it is; nobody's: of who takes it first.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="assigned_claims",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="claim",
            name="channel",
            field=models.CharField(
                blank=True, choices=[("web", "web"), ("api", "API")], max_length=4
            ),
        ),
        migrations.AddField(
            model_name="claim",
            name="country",
            field=models.CharField(blank=True, editable=False, max_length=2),
        ),
        migrations.AddField(
            model_name="claim",
            name="decision",
            field=models.OneToOneField(
                blank=True,
                editable=False,
                help_text="The one in force; none of an open claim.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="closes",
                to="claims.decision",
            ),
        ),
        migrations.AddField(
            model_name="claim",
            name="due_at",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="When a remedy for a defect is due; for other kinds, when we want to be done.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="claim",
            name="is_failing",
            field=models.BooleanField(default=False, editable=False, verbose_name="a clause fails"),
        ),
        migrations.AddField(
            model_name="claim",
            name="is_repeated",
            field=models.BooleanField(
                default=False,
                editable=False,
                verbose_name="shows evidence that another claim shows",
            ),
        ),
        migrations.AddField(
            model_name="claim",
            name="price_band",
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="claim",
            name="service",
            field=models.CharField(
                blank=True,
                max_length=40,
                validators=[django.core.validators.RegexValidator("^[a-z0-9][a-z0-9_.-]*$")],
            ),
        ),
        migrations.AddField(
            model_name="claim",
            name="shown",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "none"),
                    ("pictures", "pictures"),
                    ("videos", "videos"),
                    ("both", "pictures and videos"),
                ],
                default="",
                editable=False,
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="claim",
            name="staff_two_factor",
            field=models.BooleanField(
                default=False, verbose_name="staff say that the number asks for a password (2FA)"
            ),
        ),
        migrations.AddField(
            model_name="claim",
            name="supplier",
            field=models.CharField(blank=True, editable=False, max_length=40),
        ),
        migrations.AddField(
            model_name="decision",
            name="round",
            field=models.PositiveSmallIntegerField(
                default=1, help_text="1, or 2 for the decision after the claim was reopened."
            ),
        ),
        migrations.AddField(
            model_name="event",
            name="address",
            field=models.GenericIPAddressField(
                blank=True, help_text="From where; none of the system.", null=True
            ),
        ),
        migrations.AddField(
            model_name="event",
            name="after",
            field=models.JSONField(blank=True, default=dict, help_text="What it is since."),
        ),
        migrations.AddField(
            model_name="event",
            name="before",
            field=models.JSONField(blank=True, default=dict, help_text="What it was."),
        ),
        migrations.AlterField(
            model_name="claim",
            name="status",
            field=models.CharField(
                choices=[
                    ("submitted", "submitted"),
                    ("waiting_customer", "waiting for the customer"),
                    ("repairing", "being repaired"),
                    ("offered", "replacement offered"),
                    ("refunded", "refunded"),
                    ("repaired", "repaired"),
                    ("rejected", "rejected"),
                    ("withdrawn", "withdrawn"),
                ],
                default="submitted",
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="decision",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("refund", "refund"),
                    ("goodwill", "goodwill"),
                    ("repair", "repair"),
                    ("rejection", "rejection"),
                ],
                max_length=10,
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
                    ("withdrawn", "Claim withdrawn"),
                    ("returned", "Price returned automatically"),
                    ("late_sms", "SMS reported after the price went back"),
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
                    func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{submitted:waiting_customer,submitted:repairing,submitted:offered,submitted:refunded,submitted:rejected,submitted:withdrawn,waiting_customer:submitted,waiting_customer:repairing,waiting_customer:offered,waiting_customer:refunded,waiting_customer:rejected,waiting_customer:withdrawn,repairing:submitted,repairing:repaired,repairing:refunded,repairing:rejected,repairing:withdrawn,offered:submitted,offered:refunded,offered:withdrawn,rejected:submitted}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="b9138960b87c7a594ba98c3a4a5fa80e9406d029",
                    operation="UPDATE",
                    pgid="pgtrigger_moves_along_its_statuses_7717b",
                    table="claims_claim",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddField(
            model_name="approval",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="approval",
            name="claim",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="approvals",
                to="claims.claim",
            ),
        ),
        migrations.AddField(
            model_name="claim",
            name="approval",
            field=models.OneToOneField(
                blank=True,
                editable=False,
                help_text="Of the first of two people, while it waits for the second.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="claims.approval",
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="approval",
            field=models.OneToOneField(
                blank=True,
                help_text="Of the first of two people, where it takes two.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="claims.approval",
            ),
        ),
        migrations.AddConstraint(
            model_name="cannedreply",
            constraint=models.UniqueConstraint(
                fields=("name", "language"), name="one_canned_reply_per_name_and_language"
            ),
        ),
        migrations.AddField(
            model_name="incident",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="incidentclaim",
            name="claim",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="incidents",
                to="claims.claim",
            ),
        ),
        migrations.AddField(
            model_name="incidentclaim",
            name="incident",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="items",
                to="claims.incident",
            ),
        ),
        migrations.AddField(
            model_name="lease",
            name="holder",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="leases",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="note",
            name="author",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="note",
            name="claim",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="notes", to="claims.claim"
            ),
        ),
        migrations.AddField(
            model_name="savedfilter",
            name="owner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="saved_filters",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="approval",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)), name="approved_amount_is_positive"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="approval",
            trigger=pgtrigger.compiler.Trigger(
                name="is_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="5310fcc76a2eafe93ab948786d265f6a4c34b023",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_is_append_only_e978c",
                    table="claims_approval",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="approval",
            trigger=pgtrigger.compiler.Trigger(
                name="is_never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'rows of % are never truncated', TG_TABLE_NAME;",
                    hash="07ec0ccef988e67428ed1be8b06c40cad3c0a026",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_is_never_truncated_ea2bb",
                    table="claims_approval",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(("because", ""), _negated=True), name="incident_says_why"
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("state", "running")),
                    models.Q(
                        models.Q(("state", "running"), _negated=True), ("ended_at__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="ended_incident_has_a_time",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="incident",
            trigger=pgtrigger.compiler.Trigger(
                name="is_never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="d4549453d4681c7e9d2e2d64d00f6b4350af3053",
                    operation="DELETE",
                    pgid="pgtrigger_is_never_deleted_8acd2",
                    table="claims_incident",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="incident",
            trigger=pgtrigger.compiler.Trigger(
                name="is_never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'rows of % are never truncated', TG_TABLE_NAME;",
                    hash="5d622d97ec37b8a78112e7b5f35256525a0bfea7",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_is_never_truncated_29014",
                    table="claims_incident",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="incident",
            trigger=pgtrigger.compiler.Trigger(
                name="keeps_what_was_answered",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."supplier" IS DISTINCT FROM (NEW."supplier") OR OLD."service" IS DISTINCT FROM (NEW."service") OR OLD."country" IS DISTINCT FROM (NEW."country") OR OLD."hour" IS DISTINCT FROM (NEW."hour") OR OLD."because" IS DISTINCT FROM (NEW."because") OR OLD."answers" IS DISTINCT FROM (NEW."answers") OR OLD."note" IS DISTINCT FROM (NEW."note") OR OLD."by_id" IS DISTINCT FROM (NEW."by_id") OR OLD."answered_at" IS DISTINCT FROM (NEW."answered_at"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="3ca98049ea9bb30ce9ef5f8a0b5d0e29c23c0e80",
                    operation="UPDATE",
                    pgid="pgtrigger_keeps_what_was_answered_71aee",
                    table="claims_incident",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="incidentclaim",
            index=models.Index(
                condition=models.Q(("state", "waiting")),
                fields=["incident", "id"],
                name="items_to_work_off",
            ),
        ),
        migrations.AddConstraint(
            model_name="incidentclaim",
            constraint=models.UniqueConstraint(
                fields=("incident", "claim"), name="one_item_per_claim_of_an_incident"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="incidentclaim",
            trigger=pgtrigger.compiler.Trigger(
                name="is_never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="51de130b81285a5bfb9ed5902855c02a29157584",
                    operation="DELETE",
                    pgid="pgtrigger_is_never_deleted_e899e",
                    table="claims_incidentclaim",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="incidentclaim",
            trigger=pgtrigger.compiler.Trigger(
                name="is_never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'rows of % are never truncated', TG_TABLE_NAME;",
                    hash="4257b1bd450fb5829bfbdd6b966446b4f606ab63",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_is_never_truncated_d0b75",
                    table="claims_incidentclaim",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="incidentclaim",
            trigger=pgtrigger.compiler.Trigger(
                name="is_worked_off_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{waiting:approved,waiting:left}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="606414d36c6ea0218871fbf315ce358c6e260c22",
                    operation="UPDATE",
                    pgid="pgtrigger_is_worked_off_once_c335c",
                    table="claims_incidentclaim",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="lease",
            index=models.Index(fields=["holder", "until"], name="leases_of_a_person"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="note",
            trigger=pgtrigger.compiler.Trigger(
                name="is_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="baf74110bb7be027d4e4b26a97328f53e2adc0d5",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_is_append_only_be37f",
                    table="claims_note",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="note",
            trigger=pgtrigger.compiler.Trigger(
                name="is_never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'rows of % are never truncated', TG_TABLE_NAME;",
                    hash="e04070cfe6800b68801d9a50fa09e0fe8a63f842",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_is_never_truncated_0af0a",
                    table="claims_note",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="savedfilter",
            constraint=models.UniqueConstraint(
                fields=("owner", "name"),
                name="one_saved_filter_per_name",
                violation_error_message="You have a filter of this name already.",
            ),
        ),
    ]
