"""The tables of decisions and of what leads to them."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator, RegexValidator
from django.db import migrations, models
from django.db.models import F, Q

from accounts.models.amounts import AmountField
from claims.models.replacement import new_request_id

CURRENCY = r"^[A-Z][A-Z0-9]{2,9}$"
ID = (
    "id",
    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
)
OPEN = ["submitted", "waiting_customer", "repairing", "offered"]
FINAL = ["refunded", "replaced", "repaired", "rejected", "withdrawn"]
CONSTRAINTS = {
    "Approval": [
        models.CheckConstraint(condition=Q(amount__gt=0), name="approved_amount_is_positive"),
    ],
    "Decision": [
        models.UniqueConstraint(fields=["claim", "round"], name="one_decision_per_round"),
        models.CheckConstraint(
            condition=Q(round__gte=1, round__lte=4),
            name="claim_is_decided_a_few_times",
        ),
        models.CheckConstraint(
            condition=Q(outcome="refund", clause="")
            | (Q(outcome="goodwill", transfer__isnull=False, clause="") & ~Q(note=""))
            | Q(outcome__in=["repair", "replacement"], transfer__isnull=True, clause="")
            | (Q(outcome="rejection", transfer__isnull=True) & ~Q(clause="") & ~Q(note="")),
            name="decision_has_what_its_outcome_needs",
        ),
        models.CheckConstraint(
            condition=Q(by__isnull=False) | Q(outcome="rejection"),
            name="only_a_rejection_is_nobodys",
        ),
        models.CheckConstraint(
            condition=~Q(clause="terms") | ~Q(terms_section=""),
            name="conflict_with_terms_names_the_section",
        ),
    ],
    "Offer": [
        models.UniqueConstraint(
            fields=["claim"], condition=Q(choice=""), name="one_open_offer_per_claim"
        ),
        models.CheckConstraint(
            condition=Q(choice="", chosen_at__isnull=True)
            | Q(
                choice__in=["refund", "replacement", "lapsed"],
                chosen_at__isnull=False,
                chosen_at__gte=F("made_at"),
            ),
            name="choice_has_a_time",
        ),
        models.CheckConstraint(
            condition=~Q(choice="replacement") | Q(chosen_at__lt=F("answer_by")),
            name="replacement_is_chosen_in_time",
        ),
        models.CheckConstraint(
            condition=~Q(choice="lapsed") | Q(chosen_at__gte=F("answer_by")),
            name="offer_lapses_when_its_time_is_over",
        ),
    ],
    "Replacement": [
        models.UniqueConstraint(
            fields=["claim"],
            condition=Q(state="requested"),
            name="one_requested_replacement_per_claim",
        ),
        models.CheckConstraint(
            condition=Q(state="requested", settled_at__isnull=True)
            | Q(
                state__in=["provided", "refused", "lapsed", "void"],
                settled_at__isnull=False,
                settled_at__gte=F("made_at"),
            ),
            name="settled_replacement_has_a_time",
        ),
        models.CheckConstraint(
            condition=Q(state="provided", order__isnull=False)
            | Q(~Q(state="provided"), order__isnull=True),
            name="provided_replacement_has_its_order",
        ),
    ],
}
INDEXES = {
    "Decision": [
        models.Index(fields=["decided_at"], name="decisions_by_time"),
    ],
    "Offer": [
        models.Index(fields=["answer_by", "id"], condition=Q(choice=""), name="open_offers"),
    ],
    "Replacement": [
        models.Index(
            fields=["answer_by", "id"],
            condition=Q(state="requested"),
            name="requested_replacements",
        ),
    ],
}


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0005_story_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Approval",
            fields=[
                ID,
                ("claim", models.ForeignKey(
                    on_delete=models.PROTECT, related_name="approvals", to="claims.claim"
                )),
                ("outcome", models.CharField(
                    choices=[("refund", "refund"), ("goodwill", "goodwill")], max_length=10
                )),
                ("amount", AmountField()),
                ("currency", models.CharField(
                    max_length=10, validators=[RegexValidator(CURRENCY)]
                )),
                ("answers", models.JSONField(
                    default=dict, help_text="What the reviewer answered, by clause: met or failed."
                )),
                ("note", models.TextField(
                    blank=True, help_text="Meant for the customer.", max_length=4000
                )),
                ("by", models.ForeignKey(
                    db_index=False, on_delete=models.PROTECT, to=settings.AUTH_USER_MODEL
                )),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["made_at", "id"],
                "constraints": CONSTRAINTS["Approval"],
            },
        ),
        migrations.CreateModel(
            name="ApprovalLimit",
            fields=[
                ("currency", models.CharField(
                    max_length=10, primary_key=True, serialize=False,
                    validators=[RegexValidator(CURRENCY)],
                    verbose_name="currency (ISO 4217, or the shop's own unit)"
                )),
                ("amount", AmountField(
                    help_text="The most that one person pays alone.",
                    validators=[MinValueValidator(Decimal(0))]
                )),
            ],
            options={
                "ordering": ["currency"],
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ID,
                ("claim", models.ForeignKey(
                    db_index=False, on_delete=models.PROTECT, related_name="decisions",
                    to="claims.claim"
                )),
                ("round", models.PositiveSmallIntegerField(
                    default=1, help_text="1, and one more for each time the claim was reopened."
                )),
                ("outcome", models.CharField(
                    choices=[
                        ("refund", "refund"),
                        ("goodwill", "goodwill"),
                        ("replacement", "replacement"),
                        ("repair", "repair"),
                        ("rejection", "rejection"),
                    ],
                    max_length=12
                )),
                ("clause", models.CharField(
                    blank=True, help_text="The clause of a rejection.", max_length=24
                )),
                ("terms_section", models.CharField(
                    blank=True, help_text="The section of the terms it conflicts with, if any.",
                    max_length=80
                )),
                ("note", models.TextField(
                    blank=True, help_text="The customer reads this.", max_length=4000
                )),
                ("answers", models.JSONField(
                    default=dict, help_text="What the reviewer answered, by clause: met or failed."
                )),
                ("by", models.ForeignKey(
                    blank=True, db_index=False,
                    help_text="Nobody: the system, because no answer came in time.", null=True,
                    on_delete=models.PROTECT, to=settings.AUTH_USER_MODEL
                )),
                ("approval", models.OneToOneField(
                    blank=True, help_text="Of the first of two people, where it takes two.",
                    null=True, on_delete=models.PROTECT, to="claims.approval"
                )),
                ("decided_at", models.DateTimeField()),
                ("receipt", models.OneToOneField(on_delete=models.PROTECT, to="claims.receipt")),
                ("transfer", models.OneToOneField(
                    blank=True, null=True, on_delete=models.PROTECT, to="accounts.credittransfer"
                )),
            ],
            options={
                "constraints": CONSTRAINTS["Decision"],
                "indexes": INDEXES["Decision"],
            },
        ),
        migrations.CreateModel(
            name="Offer",
            fields=[
                ID,
                ("claim", models.ForeignKey(
                    on_delete=models.PROTECT, related_name="offers", to="claims.claim"
                )),
                ("answers", models.JSONField(
                    default=dict, help_text="What the reviewer answered, by clause: met or failed."
                )),
                ("note", models.TextField(help_text="The customer reads this.", max_length=4000)),
                ("by", models.ForeignKey(
                    db_index=False, on_delete=models.PROTECT, to=settings.AUTH_USER_MODEL
                )),
                ("approval", models.OneToOneField(
                    blank=True, help_text="Of the first of two people, where it takes two.",
                    null=True, on_delete=models.PROTECT, related_name="+", to="claims.approval"
                )),
                ("made_at", models.DateTimeField()),
                ("answer_by", models.DateTimeField(
                    help_text="The customer chooses before this instant."
                )),
                ("choice", models.CharField(
                    blank=True,
                    choices=[
                        ("", "not chosen yet"),
                        ("refund", "the price back"),
                        ("replacement", "the replacement"),
                        ("lapsed", "no answer in time: the price back"),
                    ],
                    default="", max_length=12
                )),
                ("chosen_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["made_at", "id"],
                "constraints": CONSTRAINTS["Offer"],
                "indexes": INDEXES["Offer"],
            },
        ),
        migrations.CreateModel(
            name="Replacement",
            fields=[
                ID,
                ("request_id", models.CharField(
                    default=new_request_id, editable=False, max_length=64, unique=True
                )),
                ("claim", models.ForeignKey(
                    db_index=False, on_delete=models.PROTECT, related_name="replacements",
                    to="claims.claim"
                )),
                ("offer", models.OneToOneField(on_delete=models.PROTECT, to="claims.offer")),
                ("made_at", models.DateTimeField()),
                ("answer_by", models.DateTimeField(
                    help_text="The shop answers before this instant."
                )),
                ("state", models.CharField(
                    choices=[
                        ("requested", "requested"),
                        ("provided", "provided"),
                        ("refused", "the shop has none"),
                        ("lapsed", "no answer in time"),
                        ("void", "the claim ended otherwise"),
                    ],
                    default="requested", max_length=12
                )),
                ("order", models.OneToOneField(
                    blank=True, help_text="Of the new number.", null=True, on_delete=models.PROTECT,
                    to="claims.order"
                )),
                ("reason", models.TextField(blank=True, help_text="Why the shop has none.")),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["made_at", "id"],
                "constraints": CONSTRAINTS["Replacement"],
                "indexes": INDEXES["Replacement"],
            },
        ),
        migrations.AddField(
            model_name="claim", name="decision",
            field=models.OneToOneField(
                blank=True, editable=False, help_text="The one in force; none of an open claim.",
                null=True, on_delete=models.PROTECT, related_name="closes", to="claims.decision"
            ),
        ),
        migrations.AddField(
            model_name="claim", name="approval",
            field=models.OneToOneField(
                blank=True, editable=False,
                help_text="Of the first of two people, while it waits for the second.", null=True,
                on_delete=models.PROTECT, related_name="+", to="claims.approval"
            ),
        ),
        migrations.AddConstraint("claim", models.CheckConstraint(
            condition=Q(status__in=OPEN, closed_at__isnull=True, decision__isnull=True)
            | Q(status__in=FINAL, closed_at__isnull=False, approval__isnull=True),
            name="closed_claim_has_a_time",
        )),
    ]
