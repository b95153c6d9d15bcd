"""The tables of orders, each of which came under a version of the policy."""

from django.conf import settings
from django.contrib.postgres.indexes import OpClass
from django.core.validators import MinValueValidator, RegexValidator
from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.functions import Lower, Reverse

from accounts.models.amounts import AmountField
from accounts.models.user import validate_time_zone
from claims.formats.phone_numbers import validate_e164

ID = (
    "id",
    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
)
NUMBER_ONLY = Q(
    number__isnull=True,
    allotted_until__isnull=True,
    activation="",
    sms_received_at__isnull=True,
    completed_at__isnull=True,
    returned_at__isnull=True,
    replaced_at__isnull=True,
    replaces__isnull=True,
)
BOUGHT = Q(
    price__gte=0,
    replaces__isnull=True,
    origin__isnull=True,
    value__isnull=True,
    list_price__isnull=True,
)
GIVEN = Q(
    price=0,
    replaces__isnull=False,
    origin__isnull=False,
    value__isnull=False,
    value__gte=0,
    list_price__isnull=False,
    list_price__gte=F("value"),
)
CURRENCY = r"^[A-Z][A-Z0-9]{2,9}$"
RETURNED = (
    Q(returned_at__isnull=True, return_transfer__isnull=True)
    | Q(returned_at__isnull=False, return_transfer__isnull=False)
    | (
        Q(returned_at__isnull=False, return_transfer__isnull=True, price=0)
        & (Q(value__isnull=True) | Q(value=0))
    )
)
CONSTRAINTS = {
    "PolicyVersion": [
        models.CheckConstraint(
            condition=Q(claim_days__gte=1, repair_days__gte=1), name="policy_days_are_positive"
        ),
    ],
    "Number": [
        models.CheckConstraint(
            condition=Q(phone__regex=r"^\+[1-9][0-9]{6,14}$") | (Q(phone="") & ~Q(phone_sent="")),
            name="phone_is_e164_or_as_sent",
        ),
        models.CheckConstraint(
            condition=Q(service__isnull=False) | ~Q(service_sent=""),
            name="unmapped_service_is_as_sent",
        ),
        models.CheckConstraint(
            condition=Q(country__regex=r"^[A-Z]{2}$") | (Q(country="") & ~Q(country_sent="")),
            name="country_is_iso_3166_or_as_sent",
        ),
        models.CheckConstraint(
            condition=Q(supplier_cost__isnull=True) | Q(supplier_cost__gte=0),
            name="supplier_cost_is_not_negative",
        ),
    ],
    "Order": [
        models.CheckConstraint(condition=BOUGHT | GIVEN, name="order_is_paid_for_or_a_replacement"),
        models.CheckConstraint(
            condition=Q(returned_at__isnull=True) | Q(replaced_at__isnull=True),
            name="order_has_one_remedy",
        ),
        models.CheckConstraint(
            condition=Q(currency__regex=CURRENCY), name="order_currency_is_a_code"
        ),
        models.CheckConstraint(
            condition=Q(channel__in=["web", "api"]), name="order_channel_is_known"
        ),
        models.CheckConstraint(
            condition=(Q(product="top_up") & NUMBER_ONLY)
            | Q(
                product="number",
                number__isnull=False,
                allotted_until__isnull=False,
                activation__in=[
                    "waiting",
                    "sms_received",
                    "completed",
                    "cancelled",
                    "timed_out",
                    "banned",
                ],
            ),
            name="order_is_a_number_or_a_bare_top_up",
        ),
        models.CheckConstraint(
            condition=Q(allotted_until__isnull=True) | Q(allotted_until__gt=F("purchased_at")),
            name="allotted_time_ends_after_the_purchase",
        ),
        models.CheckConstraint(
            condition=Q(sms_received_at__isnull=True) | Q(sms_received_at__gte=F("purchased_at")),
            name="sms_comes_after_the_purchase",
        ),
        models.CheckConstraint(
            condition=Q(completed_at__isnull=True) | Q(completed_at__gte=F("purchased_at")),
            name="completion_comes_after_the_purchase",
        ),
        models.CheckConstraint(
            condition=~Q(activation="sms_received") | Q(sms_received_at__isnull=False),
            name="received_sms_has_a_time",
        ),
        models.CheckConstraint(
            condition=~Q(activation="completed") | Q(completed_at__isnull=False),
            name="completed_activation_has_a_time",
        ),
        models.CheckConstraint(
            condition=Q(claims_close_at__gt=F("purchased_at")),
            name="claims_close_after_the_purchase",
        ),
        models.CheckConstraint(condition=RETURNED, name="returned_price_has_its_transfer"),
        models.CheckConstraint(
            condition=Q(cancelled_at__isnull=True, cancellation_arrived_at__isnull=True)
            | Q(cancelled_at__isnull=False, cancellation_arrived_at__isnull=False),
            name="cancellation_has_its_arrival",
        ),
        models.UniqueConstraint(
            fields=["charge"],
            condition=Q(replaces__isnull=True),
            name="one_bought_order_per_charge",
        ),
    ],
}
INDEXES = {
    "Number": [
        models.Index(
            OpClass("phone", name="varchar_pattern_ops"), name="numbers_by_phone_beginning"
        ),
        models.Index(
            OpClass(Reverse("phone"), name="text_pattern_ops"), name="numbers_by_phone_ending"
        ),
        models.Index(fields=["phone_sent"], condition=Q(phone=""), name="numbers_without_e164"),
        models.Index(
            fields=["service_sent"],
            condition=Q(service__isnull=True),
            name="numbers_without_a_service",
        ),
    ],
    "Order": [
        models.Index(fields=["customer", "-purchased_at", "-id"], name="orders_of_a_customer"),
        models.Index(
            fields=["allotted_until"],
            condition=Q(product="number", sms_received_at__isnull=True, returned_at__isnull=True),
            name="orders_that_may_expire",
        ),
        models.Index(
            fields=["cancellation_arrived_at"],
            condition=Q(cancellation_arrived_at__isnull=False, returned_at__isnull=True),
            name="orders_that_were_cancelled",
        ),
        models.Index(
            OpClass(Lower("shop_id"), name="text_pattern_ops"), name="orders_by_id_beginning"
        ),
    ],
}


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_triggers"),
        ("claims", "0001_service_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PolicyVersion",
            fields=[
                ID,
                ("name", models.CharField(max_length=32, unique=True)),
                ("effective_from", models.DateTimeField(unique=True)),
                ("terms_version", models.CharField(
                    help_text="Version of the terms' text that a customer accepts.", max_length=32
                )),
                ("claim_days", models.PositiveSmallIntegerField(
                    default=5, help_text="Whole days after the order date.",
                    validators=[MinValueValidator(1)]
                )),
                ("repair_days", models.PositiveSmallIntegerField(
                    default=5, help_text="Days after the filing.", validators=[MinValueValidator(1)]
                )),
                ("time_zone", models.CharField(
                    default="UTC", max_length=64, validators=[validate_time_zone]
                )),
                ("reason_min_length", models.PositiveSmallIntegerField(
                    default=20, help_text="Characters, once white space is collapsed."
                )),
            ],
            options={
                "ordering": ["-effective_from"],
                "constraints": CONSTRAINTS["PolicyVersion"],
            },
        ),
        migrations.CreateModel(
            name="Number",
            fields=[
                ID,
                ("phone", models.CharField(
                    blank=True, max_length=16, validators=[validate_e164],
                    verbose_name="phone (E.164)"
                )),
                ("phone_sent", models.CharField(
                    blank=True, max_length=80, verbose_name="phone, as it was sent"
                )),
                ("service", models.ForeignKey(
                    blank=True, db_column="service", db_index=False,
                    help_text="None while nobody has mapped the name that was sent.", null=True,
                    on_delete=models.PROTECT, related_name="numbers", to="claims.service"
                )),
                ("service_sent", models.CharField(
                    blank=True, max_length=80, verbose_name="service, as it was sent"
                )),
                ("country", models.CharField(
                    blank=True, max_length=2, validators=[RegexValidator("^[A-Z]{2}$")],
                    verbose_name="country (ISO 3166-1 alpha-2)"
                )),
                ("country_sent", models.CharField(
                    blank=True, max_length=80, verbose_name="country, as it was sent"
                )),
                ("supplier", models.CharField(blank=True, max_length=40)),
                ("supplier_order_id", models.CharField(
                    blank=True, max_length=64, verbose_name="the supplier's order id"
                )),
                ("supplier_cost", AmountField(
                    blank=True, help_text="What the supplier asked, in the order's currency.",
                    null=True
                )),
                ("two_factor", models.BooleanField(
                    default=False, verbose_name="protected by two-factor authentication (2FA)"
                )),
            ],
            options={
                "constraints": CONSTRAINTS["Number"],
                "indexes": INDEXES["Number"],
            },
        ),
        migrations.CreateModel(
            name="Order",
            fields=[
                ID,
                ("shop_id", models.CharField(
                    max_length=64, unique=True,
                    validators=[RegexValidator("^[A-Za-z0-9][A-Za-z0-9._-]*$")],
                    verbose_name="the shop's order id"
                )),
                ("customer", models.ForeignKey(
                    db_index=False, on_delete=models.PROTECT, related_name="orders",
                    to=settings.AUTH_USER_MODEL
                )),
                ("product", models.CharField(
                    choices=[("number", "number"), ("top_up", "top-up")], max_length=8
                )),
                ("number", models.OneToOneField(
                    blank=True, null=True, on_delete=models.PROTECT, to="claims.number"
                )),
                ("channel", models.CharField(
                    choices=[("web", "web"), ("api", "API")], max_length=4
                )),
                ("charge", models.ForeignKey(
                    editable=False, help_text="A replacement has the charge of what it replaces.",
                    on_delete=models.PROTECT, related_name="orders", to="accounts.charge"
                )),
                ("price", AmountField()),
                ("currency", models.CharField(
                    max_length=10, validators=[RegexValidator(CURRENCY)],
                    verbose_name="currency (ISO 4217, or the shop's own unit)"
                )),
                ("purchased_at", models.DateTimeField()),
                ("allotted_until", models.DateTimeField(blank=True, null=True)),
                ("activation", models.CharField(
                    blank=True,
                    choices=[
                        ("waiting", "waiting for an SMS"),
                        ("sms_received", "SMS received"),
                        ("completed", "completed"),
                        ("cancelled", "cancelled"),
                        ("timed_out", "timed out"),
                        ("banned", "banned by the service"),
                    ],
                    max_length=16
                )),
                ("sms_received_at", models.DateTimeField(blank=True, null=True)),
                ("completed_at", models.DateTimeField(blank=True, null=True)),
                ("cancelled_at", models.DateTimeField(
                    blank=True, help_text="When the shop first cancelled it, by the shop's clock.",
                    null=True
                )),
                ("cancellation_arrived_at", models.DateTimeField(
                    blank=True, editable=False,
                    help_text="When that was reported here, by the database's clock.", null=True
                )),
                ("reported_at", models.DateTimeField(
                    help_text="The instant of the shop's newest report on it."
                )),
                ("described_at", models.DateTimeField(
                    blank=True, editable=False,
                    help_text=(
                        "Of the newest report on supplier and allotted time; none: the newest of "
                        "all."
                    ),
                    null=True
                )),
                ("policy_version", models.ForeignKey(
                    blank=True,
                    help_text="The one in force at the purchase; chosen when the order arrives.",
                    on_delete=models.PROTECT, to="claims.policyversion"
                )),
                ("claims_close_at", models.DateTimeField(
                    blank=True, editable=False, help_text="A claim is in time before this instant."
                )),
                ("returned_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("return_transfer", models.OneToOneField(
                    blank=True, editable=False, null=True, on_delete=models.PROTECT,
                    to="accounts.credittransfer"
                )),
                ("replaced_at", models.DateTimeField(
                    blank=True, editable=False, help_text="When it was replaced by another order.",
                    null=True
                )),
                ("replaces", models.OneToOneField(
                    blank=True, editable=False,
                    help_text="The order in whose place its customer got this one, at no cost.",
                    null=True, on_delete=models.PROTECT, related_name="replacement_order",
                    to="claims.order"
                )),
                ("origin", models.ForeignKey(
                    blank=True, db_index=False, editable=False,
                    help_text="The one that was paid for, at the beginning of such a row.",
                    null=True, on_delete=models.PROTECT, related_name="+", to="claims.order"
                )),
                ("value", AmountField(
                    blank=True, editable=False,
                    help_text="Of a replacement: what was paid for its origin.", null=True
                )),
                ("list_price", AmountField(
                    blank=True, editable=False,
                    help_text="Of a replacement: what the shop sells it for.", null=True
                )),
                ("late_sms_at", models.DateTimeField(
                    blank=True, editable=False,
                    help_text=(
                        "When the shop reported an SMS although the price had gone back by itself."
                    ),
                    null=True
                )),
                ("is_history", models.BooleanField(
                    default=False, editable=False, verbose_name="known from history alone"
                )),
            ],
            options={
                "ordering": ["-purchased_at", "-id"],
                "constraints": CONSTRAINTS["Order"],
                "indexes": INDEXES["Order"],
            },
        ),
    ]
