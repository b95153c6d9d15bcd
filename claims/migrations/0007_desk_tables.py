"""The tables of the staff's desk."""

from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

ID = (
    "id",
    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
)
CONSTRAINTS = {
    "SavedFilter": [
        models.UniqueConstraint(
            fields=["owner", "name"],
            name="one_saved_filter_per_name",
            violation_error_message="You have a filter of this name already.",
        ),
    ],
    "CannedReply": [
        models.UniqueConstraint(
            fields=["name", "language"], name="one_canned_reply_per_name_and_language"
        ),
    ],
    "Incident": [
        models.CheckConstraint(condition=~Q(because=""), name="incident_says_why"),
        models.CheckConstraint(
            condition=Q(state="running", ended_at__isnull=True)
            | (~Q(state="running") & Q(ended_at__isnull=False)),
            name="ended_incident_has_a_time",
        ),
    ],
    "IncidentClaim": [
        models.UniqueConstraint(
            fields=["incident", "claim"], name="one_item_per_claim_of_an_incident"
        ),
    ],
}
INDEXES = {
    "Lease": [
        models.Index(fields=["holder", "until"], name="leases_of_a_person"),
    ],
    "IncidentClaim": [
        models.Index(
            fields=["incident", "id"], condition=Q(state="waiting"), name="items_to_work_off"
        ),
    ],
}


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0006_decision_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Lease",
            fields=[
                ("claim", models.OneToOneField(
                    on_delete=models.CASCADE, primary_key=True, related_name="lease",
                    serialize=False, to="claims.claim"
                )),
                ("holder", models.ForeignKey(
                    db_index=False, on_delete=models.CASCADE, related_name="leases",
                    to=settings.AUTH_USER_MODEL
                )),
                ("taken_at", models.DateTimeField()),
                ("until", models.DateTimeField()),
            ],
            options={
                "indexes": INDEXES["Lease"],
            },
        ),
        migrations.CreateModel(
            name="SavedFilter",
            fields=[
                ID,
                ("owner", models.ForeignKey(
                    db_index=False, on_delete=models.CASCADE, related_name="saved_filters",
                    to=settings.AUTH_USER_MODEL
                )),
                ("name", models.CharField(max_length=40)),
                ("query", models.CharField(help_text="As in the queue's address.", max_length=500)),
            ],
            options={
                "ordering": ["name"],
                "constraints": CONSTRAINTS["SavedFilter"],
            },
        ),
        migrations.CreateModel(
            name="CannedReply",
            fields=[
                ID,
                ("name", models.CharField(max_length=80)),
                ("clause", models.CharField(
                    blank=True, help_text="Offered first with this clause; empty: with any.",
                    max_length=24
                )),
                ("language", models.CharField(
                    choices=[("en", "English"), ("de", "Deutsch")], default="en", max_length=12
                )),
                ("body", models.TextField(
                    help_text=(
                        "May name {name}, {claim}, {order}, {service}, {phone}, {price}, "
                        "{proof_code}, {clause}."
                    ),
                    max_length=4000
                )),
            ],
            options={
                "verbose_name_plural": "canned replies",
                "ordering": ["clause", "name"],
                "constraints": CONSTRAINTS["CannedReply"],
            },
        ),
        migrations.CreateModel(
            name="Incident",
            fields=[
                ID,
                ("supplier", models.CharField(blank=True, max_length=40)),
                ("service", models.CharField(max_length=40)),
                ("country", models.CharField(max_length=2)),
                ("hour", models.DateTimeField(help_text="When the hour of the purchases begins.")),
                ("because", models.TextField(
                    help_text="Why the cause lay with the shop.", max_length=4000
                )),
                ("answers", models.JSONField(
                    default=dict, help_text="What the reviewer answered for the group, by clause."
                )),
                ("note", models.TextField(
                    blank=True, help_text="The customers read this.", max_length=4000
                )),
                ("state", models.CharField(
                    choices=[
                        ("running", "being worked off"),
                        ("stopped", "stopped"),
                        ("done", "done"),
                    ],
                    default="running", max_length=8
                )),
                ("by", models.ForeignKey(
                    db_index=False, on_delete=models.PROTECT, to=settings.AUTH_USER_MODEL
                )),
                ("answered_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("stopped_by", models.ForeignKey(
                    blank=True, db_index=False,
                    help_text="Who stopped it; nobody while it goes on.", null=True,
                    on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                )),
                ("submission", models.UUIDField(
                    editable=False,
                    help_text=(
                        "One for each form that was shown, so that a form sent twice is one "
                        "answer."
                    ),
                    unique=True
                )),
            ],
            options={
                "ordering": ["-answered_at", "-id"],
                "constraints": CONSTRAINTS["Incident"],
            },
        ),
        migrations.CreateModel(
            name="IncidentClaim",
            fields=[
                ID,
                ("incident", models.ForeignKey(
                    db_index=False, on_delete=models.PROTECT, related_name="items",
                    to="claims.incident"
                )),
                ("claim", models.ForeignKey(
                    db_index=False, on_delete=models.PROTECT, related_name="incidents",
                    to="claims.claim"
                )),
                ("seen", models.PositiveBigIntegerField(
                    default=0, help_text="The newest event that the reviewer had before them."
                )),
                ("state", models.CharField(
                    choices=[
                        ("waiting", "waiting"),
                        ("approved", "approved"),
                        ("left", "not approved"),
                    ],
                    default="waiting", max_length=8
                )),
                ("why", models.TextField(blank=True, help_text="Why it was not approved.")),
                ("at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["id"],
                "constraints": CONSTRAINTS["IncidentClaim"],
                "indexes": INDEXES["IncidentClaim"],
            },
        ),
        migrations.CreateModel(
            name="CustomerFlag",
            fields=[
                ID,
                ("customer", models.ForeignKey(
                    on_delete=models.PROTECT, related_name="flags", to=settings.AUTH_USER_MODEL
                )),
                ("claim", models.ForeignKey(
                    db_index=False, help_text="The claim on whose page it was set.",
                    on_delete=models.PROTECT, related_name="+", to="claims.claim"
                )),
                ("reason", models.TextField(max_length=4000)),
                ("by", models.ForeignKey(
                    db_index=False, on_delete=models.PROTECT, related_name="+",
                    to=settings.AUTH_USER_MODEL
                )),
                ("made_at", models.DateTimeField()),
                ("until", models.DateTimeField(
                    blank=True, help_text="Empty: until it is lifted.", null=True
                )),
                ("lifted_by", models.ForeignKey(
                    blank=True, db_index=False, null=True, on_delete=models.PROTECT,
                    related_name="+", to=settings.AUTH_USER_MODEL
                )),
                ("lifted_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-made_at", "-id"],
                "permissions": [("lift_flag", "Can lift a flag of a customer")],
                "constraints": [
                    models.CheckConstraint(
                        condition=~models.Q(reason=""), name="a_flag_has_a_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(lifted_by__isnull=True, lifted_at__isnull=True)
                        | models.Q(lifted_by__isnull=False, lifted_at__isnull=False),
                        name="a_flag_is_lifted_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WrongPayment",
            fields=[
                ID,
                ("decision", models.OneToOneField(
                    on_delete=models.PROTECT, related_name="wrong_payment", to="claims.decision"
                )),
                ("reason", models.TextField(max_length=4000)),
                ("by", models.ForeignKey(
                    db_index=False, on_delete=models.PROTECT, related_name="+",
                    to=settings.AUTH_USER_MODEL
                )),
                ("at", models.DateTimeField()),
            ],
            options={
                "permissions": [("mark_wrongly_paid", "Can mark a refund as wrongly paid")],
                "constraints": [
                    models.CheckConstraint(
                        condition=~models.Q(reason=""), name="a_wrong_payment_has_a_reason"
                    ),
                ],
            },
        ),
    ]
