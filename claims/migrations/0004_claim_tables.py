"""The tables of claims and of what each shows."""

from uuid import uuid4

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import migrations, models
from django.db.models import F, Q

from claims.models.claim_code import new_code

ID = (
    "id",
    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
)
OPEN = ["submitted", "waiting_customer", "repairing", "offered"]
CONSTRAINTS = {
    "Claim": [
        models.UniqueConstraint(
            fields=["order"],
            condition=Q(status__in=OPEN),
            name="one_live_claim_per_order",
            violation_error_message="Another claim on this order is open.",
        ),
        models.CheckConstraint(
            condition=Q(due_at__gte=F("filed_at")), name="claim_is_due_after_its_filing"
        ),
        models.CheckConstraint(
            condition=Q(kind__in=["sms_not_received", "invalid_number", "major_defect"]),
            name="claim_kind_is_known",
        ),
        models.CheckConstraint(condition=~Q(terms_version=""), name="terms_were_accepted"),
        models.CheckConstraint(
            condition=~Q(status="waiting_customer") | Q(asked_at__isnull=False),
            name="claim_that_waits_was_asked",
        ),
    ],
}
INDEXES = {
    "Claim": [
        models.Index(
            fields=["due_at", "id"], condition=Q(status__in=OPEN), name="open_claims_by_due"
        ),
        models.Index(
            fields=["status", "due_at", "id"], condition=Q(status__in=OPEN), name="open_by_status"
        ),
        models.Index(
            fields=["kind", "due_at", "id"], condition=Q(status__in=OPEN), name="open_by_kind"
        ),
        models.Index(
            fields=["service", "due_at", "id"], condition=Q(status__in=OPEN), name="open_by_service"
        ),
        models.Index(
            fields=["country", "due_at", "id"], condition=Q(status__in=OPEN), name="open_by_country"
        ),
        models.Index(
            fields=["supplier", "due_at", "id"],
            condition=Q(status__in=OPEN),
            name="open_by_supplier",
        ),
        models.Index(
            fields=["channel", "due_at", "id"], condition=Q(status__in=OPEN), name="open_by_channel"
        ),
        models.Index(
            fields=["price_band", "due_at", "id"],
            condition=Q(status__in=OPEN),
            name="open_by_price_band",
        ),
        models.Index(
            fields=["shown", "due_at", "id"], condition=Q(status__in=OPEN), name="open_by_shown"
        ),
        models.Index(
            fields=["is_failing", "due_at", "id"],
            condition=Q(status__in=OPEN),
            name="open_by_is_failing",
        ),
        models.Index(
            fields=["assignee", "due_at", "id"],
            condition=Q(status__in=OPEN),
            name="open_by_assignee",
        ),
        models.Index(
            fields=["-closed_at", "-id"], condition=Q(closed_at__isnull=False), name="closed_claims"
        ),
        models.Index(
            fields=["status", "-closed_at", "-id"],
            condition=Q(closed_at__isnull=False),
            name="closed_by_status",
        ),
        models.Index(
            fields=["kind", "-closed_at", "-id"],
            condition=Q(closed_at__isnull=False),
            name="closed_by_kind",
        ),
        models.Index(
            fields=["service", "-closed_at", "-id"],
            condition=Q(closed_at__isnull=False),
            name="closed_by_service",
        ),
        models.Index(
            fields=["country", "-closed_at", "-id"],
            condition=Q(closed_at__isnull=False),
            name="closed_by_country",
        ),
        models.Index(
            fields=["supplier", "-closed_at", "-id"],
            condition=Q(closed_at__isnull=False),
            name="closed_by_supplier",
        ),
        models.Index(
            fields=["channel", "-closed_at", "-id"],
            condition=Q(closed_at__isnull=False),
            name="closed_by_channel",
        ),
        models.Index(
            fields=["price_band", "-closed_at", "-id"],
            condition=Q(closed_at__isnull=False),
            name="closed_by_price_band",
        ),
        models.Index(
            fields=["shown", "-closed_at", "-id"],
            condition=Q(closed_at__isnull=False),
            name="closed_by_shown",
        ),
        models.Index(
            fields=["is_failing", "-closed_at", "-id"],
            condition=Q(closed_at__isnull=False),
            name="closed_by_is_failing",
        ),
        models.Index(
            fields=["assignee", "-closed_at", "-id"],
            condition=Q(closed_at__isnull=False),
            name="closed_by_assignee",
        ),
        models.Index(
            fields=["due_at", "id"],
            condition=Q(status__in=OPEN, kind="major_defect"),
            name="open_defects_by_due",
        ),
        models.Index(
            fields=["asked_at", "id"],
            condition=Q(status="waiting_customer"),
            name="waiting_claims_by_asking",
        ),
        models.Index(fields=["filed_at", "id"], name="claims_by_filing"),
        models.Index(
            fields=["supplier", "service", "country", "filed_at"],
            condition=Q(kind="sms_not_received"),
            name="missing_sms_by_supply",
        ),
        models.Index(
            fields=["-filed_at", "-id"],
            condition=Q(closed_at__isnull=False),
            name="closed_claims_by_filing",
        ),
    ],
}


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0003_upload_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Claim",
            fields=[
                ID,
                ("code", models.CharField(
                    default=new_code, editable=False, max_length=18, unique=True
                )),
                ("order", models.ForeignKey(
                    on_delete=models.PROTECT, related_name="claims", to="claims.order"
                )),
                ("kind", models.CharField(
                    blank=True,
                    choices=[
                        ("sms_not_received", "SMS not received"),
                        ("invalid_number", "Invalid number"),
                        ("major_defect", "Major defect"),
                    ],
                    max_length=16
                )),
                ("reason", models.TextField(blank=True, max_length=4000)),
                ("customer_two_factor", models.BooleanField(
                    default=False,
                    verbose_name="the customer says that the number asks for a password (2FA)"
                )),
                ("terms_version", models.CharField(
                    blank=True, help_text="Version of the terms that the customer accepted.",
                    max_length=32
                )),
                ("proof_code", models.CharField(
                    blank=True,
                    help_text=(
                        "What the customer was asked to show in the picture or the video, if proof "
                        "was."
                    ),
                    max_length=8
                )),
                ("status", models.CharField(
                    choices=[
                        ("submitted", "submitted"),
                        ("waiting_customer", "waiting for the customer"),
                        ("repairing", "being repaired"),
                        ("offered", "replacement offered"),
                        ("refunded", "refunded"),
                        ("replaced", "replaced"),
                        ("repaired", "repaired"),
                        ("rejected", "rejected"),
                        ("withdrawn", "withdrawn"),
                    ],
                    default="submitted", max_length=16
                )),
                ("filed_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(
                    blank=True, editable=False,
                    help_text=(
                        "When a remedy for a defect is due; for other kinds, when we want to be "
                        "done."
                    )
                )),
                ("asked_at", models.DateTimeField(
                    blank=True, editable=False,
                    help_text=(
                        "Since when it waits for the customer; what is newest, if asked again."
                    ),
                    null=True
                )),
                ("reminded_at", models.DateTimeField(
                    blank=True, editable=False, help_text="Since it was asked last.", null=True
                )),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("assignee", models.ForeignKey(
                    blank=True, db_index=False,
                    help_text="Whose work it is; nobody's: of who takes it first.", null=True,
                    on_delete=models.PROTECT, related_name="assigned_claims",
                    to=settings.AUTH_USER_MODEL
                )),
                ("service", models.CharField(
                    blank=True, max_length=40, validators=[RegexValidator("^[a-z0-9][a-z0-9_.-]*$")]
                )),
                ("channel", models.CharField(
                    blank=True, choices=[("web", "web"), ("api", "API")], max_length=4
                )),
                ("staff_two_factor", models.BooleanField(
                    default=False,
                    verbose_name="staff say that the number asks for a password (2FA)"
                )),
                ("country", models.CharField(blank=True, editable=False, max_length=2)),
                ("supplier", models.CharField(blank=True, editable=False, max_length=40)),
                ("price_band", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("shown", models.CharField(
                    blank=True,
                    choices=[
                        ("", "none"),
                        ("pictures", "pictures"),
                        ("videos", "videos"),
                        ("both", "pictures and videos"),
                    ],
                    default="", editable=False, max_length=8
                )),
                ("is_failing", models.BooleanField(
                    default=False, editable=False, verbose_name="a clause fails"
                )),
                ("outcomes", models.TextField(
                    blank=True, editable=False,
                    help_text=(
                        "Clause by clause as `Verdict.in_short` writes it: of an open claim as "
                        "things stand, of a closed one as they stood."
                    )
                )),
                ("is_repeated", models.BooleanField(
                    default=False, editable=False,
                    verbose_name="shows evidence that another claim shows"
                )),
                ("submission", models.UUIDField(
                    default=uuid4, editable=False,
                    help_text=(
                        "One for each form that was shown, so that a form sent twice is one claim."
                    ),
                    unique=True
                )),
            ],
            options={
                "ordering": ["filed_at", "id"],
                "permissions": [
                    ("review_claim", "Can review and decide claims"),
                    ("give_goodwill", "Can credit goodwill outside the policy"),
                    ("export_claims", "Can export claims"),
                    ("reopen_claim", "Can reopen a rejected claim"),
                    ("replace_again", "Can offer a replacement for a replacement"),
                ],
                "constraints": CONSTRAINTS["Claim"],
                "indexes": INDEXES["Claim"],
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                ID,
                ("claim", models.ForeignKey(
                    on_delete=models.PROTECT, related_name="evidence", to="claims.claim"
                )),
                ("upload", models.OneToOneField(on_delete=models.PROTECT, to="claims.upload")),
                ("added_at", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "evidence",
                "ordering": ["added_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                ID,
                ("claim", models.ForeignKey(
                    on_delete=models.PROTECT, related_name="receipts", to="claims.claim"
                )),
                ("occasion", models.CharField(
                    choices=[("filed", "when it was filed"), ("decided", "when it was decided")],
                    max_length=8
                )),
                ("made_at", models.DateTimeField()),
                ("policy_version", models.ForeignKey(
                    db_index=False, on_delete=models.PROTECT, to="claims.policyversion"
                )),
                ("facts", models.JSONField()),
                ("findings", models.JSONField()),
            ],
            options={
                "ordering": ["made_at", "id"],
            },
        ),
    ]
