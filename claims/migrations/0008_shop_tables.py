"""The tables of what the shop and the portal tell each other."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import migrations, models
from django.db.models import F, Q

from accounts.models.amounts import AmountField
from claims.models.webhook import new_message_id

CURRENCY = r"^[A-Z][A-Z0-9]{2,9}$"
ID = (
    "id",
    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
)
AGREES = Q(answered_amount=F("amount"), answered_currency=F("currency"))
CONSTRAINTS = {
    "ShopEvent": [
        models.CheckConstraint(
            condition=Q(state="waiting", settled_at__isnull=True)
            | Q(state__in=["applied", "refused", "unknown"], settled_at__isnull=False),
            name="settled_shop_event_has_a_time",
        ),
        models.CheckConstraint(
            condition=~Q(state__in=["waiting", "refused"]) | ~Q(problem=""),
            name="open_or_refused_shop_event_says_why",
        ),
    ],
    "Webhook": [
        models.CheckConstraint(
            condition=Q(state="sent", sent_at__isnull=False)
            | Q(~Q(state="sent"), sent_at__isnull=True),
            name="sent_webhook_has_a_time",
        ),
        models.CheckConstraint(
            condition=~Q(state="dead") | ~Q(problem=""), name="dead_webhook_says_why"
        ),
        models.CheckConstraint(
            condition=~Q(state="left_out") | Q(settled_by__isnull=False),
            name="somebody_leaves_a_webhook_out",
        ),
    ],
    "Acknowledgement": [
        models.CheckConstraint(
            condition=Q(
                state="pending",
                answer__isnull=True,
                answered_at__isnull=True,
                answered_amount__isnull=True,
            )
            | Q(
                state__in=["acknowledged", "differs"],
                answer__isnull=False,
                answered_at__isnull=False,
                answered_amount__isnull=False,
            ),
            name="acknowledgement_has_an_answer",
        ),
        models.CheckConstraint(
            condition=Q(state="pending")
            | (Q(state="acknowledged") & AGREES)
            | (Q(state="differs") & ~AGREES),
            name="acknowledgement_compares_the_amounts",
        ),
    ],
}
INDEXES = {
    "ShopEvent": [
        models.Index(
            fields=["shop_order_id"],
            condition=Q(state="waiting"),
            name="waiting_events_of_an_order",
        ),
        models.Index(
            fields=["customer_email"],
            condition=Q(state="waiting"),
            name="waiting_events_of_a_customer",
        ),
        models.Index(
            fields=["state", "received_at"],
            condition=Q(state__in=["waiting", "refused", "unknown"]),
            name="events_that_are_not_applied",
        ),
        models.Index(
            fields=["customer_id", "customer_email"],
            condition=~Q(customer_name=""),
            name="events_naming_a_customer",
        ),
    ],
    "Webhook": [
        models.Index(fields=["due_at", "id"], condition=Q(state="waiting"), name="due_webhooks"),
        models.Index(
            fields=["order", "id"],
            condition=Q(state__in=["waiting", "dead"]),
            name="unsent_webhooks_of_an_order",
        ),
    ],
    "Acknowledgement": [
        models.Index(
            fields=["returned_at", "id"],
            condition=~Q(state="acknowledged"),
            name="open_acknowledgements",
        ),
    ],
}


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0007_desk_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ShopEvent",
            fields=[
                ID,
                ("event_id", models.CharField(
                    max_length=128, unique=True, verbose_name="the shop's event id"
                )),
                ("type", models.CharField(max_length=64)),
                ("at", models.DateTimeField(help_text="When it happened, by the shop's clock.")),
                ("data", models.JSONField(
                    default=dict, help_text="As it came, with what we don't know."
                )),
                ("shop_order_id", models.CharField(
                    blank=True, max_length=64, verbose_name="the shop's order id"
                )),
                ("customer_id", models.CharField(
                    blank=True, max_length=64, verbose_name="the shop's customer id"
                )),
                ("customer_email", models.CharField(blank=True, max_length=254)),
                ("customer_name", models.CharField(blank=True, max_length=80)),
                ("state", models.CharField(
                    choices=[
                        ("waiting", "waiting for something else"),
                        ("applied", "applied"),
                        ("refused", "refused"),
                        ("unknown", "of a type that we don't know"),
                    ],
                    max_length=8
                )),
                ("problem", models.TextField(
                    blank=True, help_text="Why it is refused, or what it waits for."
                )),
                ("received_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["id"],
                "constraints": CONSTRAINTS["ShopEvent"],
                "indexes": INDEXES["ShopEvent"],
            },
        ),
        migrations.CreateModel(
            name="Webhook",
            fields=[
                ID,
                ("message_id", models.CharField(
                    default=new_message_id, editable=False, max_length=64, unique=True,
                    verbose_name="webhook-id"
                )),
                ("type", models.CharField(max_length=32)),
                ("cause", models.CharField(max_length=80, unique=True)),
                ("order", models.ForeignKey(
                    db_index=False, on_delete=models.PROTECT, related_name="webhooks",
                    to="claims.order"
                )),
                ("at", models.DateTimeField(help_text="When it happened.")),
                ("data", models.JSONField(default=dict)),
                ("state", models.CharField(
                    choices=[
                        ("waiting", "to be sent"),
                        ("sent", "sent"),
                        ("dead", "given up"),
                        ("left_out", "left out"),
                    ],
                    default="waiting", max_length=8
                )),
                ("attempts", models.PositiveSmallIntegerField(
                    default=0, help_text="Since it was written, or last sent again by a person."
                )),
                ("due_at", models.DateTimeField(verbose_name="next try")),
                ("leased_until", models.DateTimeField(
                    blank=True, help_text="While a worker sends it. It may have died meanwhile.",
                    null=True
                )),
                ("tried_at", models.DateTimeField(blank=True, null=True, verbose_name="last try")),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("problem", models.TextField(blank=True, help_text="What went wrong last.")),
                ("settled_by", models.ForeignKey(
                    blank=True, db_index=False, help_text="Who sent it again or left it out last.",
                    null=True, on_delete=models.PROTECT, related_name="+",
                    to=settings.AUTH_USER_MODEL
                )),
            ],
            options={
                "ordering": ["id"],
                "permissions": [("settle_webhook", "Can send a webhook again, or leave it out")],
                "constraints": CONSTRAINTS["Webhook"],
                "indexes": INDEXES["Webhook"],
            },
        ),
        migrations.CreateModel(
            name="Acknowledgement",
            fields=[
                ID,
                ("transfer", models.OneToOneField(
                    on_delete=models.PROTECT, to="accounts.credittransfer"
                )),
                ("order", models.OneToOneField(on_delete=models.PROTECT, to="claims.order")),
                ("amount", AmountField()),
                ("currency", models.CharField(
                    max_length=10, validators=[RegexValidator(CURRENCY)]
                )),
                ("returned_at", models.DateTimeField()),
                ("state", models.CharField(
                    choices=[
                        ("pending", "pending"),
                        ("acknowledged", "acknowledged"),
                        ("differs", "another amount"),
                    ],
                    default="pending", max_length=12
                )),
                ("answer", models.ForeignKey(
                    blank=True, db_index=False, null=True, on_delete=models.PROTECT,
                    related_name="+", to="claims.shopevent"
                )),
                ("answered_at", models.DateTimeField(
                    blank=True, help_text="By the shop's clock.", null=True
                )),
                ("answered_amount", AmountField(blank=True, null=True)),
                ("answered_currency", models.CharField(blank=True, max_length=10)),
            ],
            options={
                "verbose_name": "acknowledgement of a return",
                "verbose_name_plural": "acknowledgements of returns",
                "ordering": ["returned_at", "id"],
                "constraints": CONSTRAINTS["Acknowledgement"],
                "indexes": INDEXES["Acknowledgement"],
            },
        ),
        migrations.CreateModel(
            name="Contradiction",
            fields=[
                ID,
                ("event", models.ForeignKey(
                    db_index=False, on_delete=models.PROTECT, related_name="contradictions",
                    to="claims.shopevent"
                )),
                ("type", models.CharField(max_length=64)),
                ("at", models.DateTimeField(help_text="When it happened, by the shop's clock.")),
                ("data", models.JSONField(default=dict)),
                ("digest", models.CharField(
                    help_text="Of the content.", max_length=64, verbose_name="SHA-256"
                )),
                ("received_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=["event", "digest"], name="a_contradiction_is_kept_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Dispute",
            fields=[
                ID,
                ("order", models.ForeignKey(
                    on_delete=models.PROTECT, related_name="disputes", to="claims.order"
                )),
                ("event", models.OneToOneField(
                    on_delete=models.PROTECT, to="claims.shopevent"
                )),
                ("opened_at", models.DateTimeField()),
                ("reason", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["opened_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="SupplierEntry",
            fields=[
                ID,
                ("order", models.ForeignKey(
                    on_delete=models.PROTECT, related_name="supplier_entries", to="claims.order"
                )),
                ("event", models.OneToOneField(
                    on_delete=models.PROTECT, to="claims.shopevent"
                )),
                ("kind", models.CharField(
                    choices=[
                        ("charged", "charged by the supplier"),
                        ("refunded", "refunded by the supplier"),
                    ],
                    max_length=8
                )),
                ("amount", AmountField()),
                ("currency", models.CharField(
                    max_length=10, validators=[RegexValidator(CURRENCY)]
                )),
                ("supplier_order_id", models.CharField(
                    blank=True, max_length=64, verbose_name="the supplier's order id"
                )),
                ("at", models.DateTimeField(help_text="By the shop's clock.")),
            ],
            options={
                "verbose_name_plural": "supplier entries",
                "ordering": ["at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(kind__in=["charged", "refunded"], amount__gt=0),
                        name="supplier_entry_is_an_amount_of_a_known_kind",
                    ),
                ],
            },
        ),
    ]
