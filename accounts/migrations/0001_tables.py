"""The tables of people, of their programs' tokens, and of the credit ledger."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import OpClass
from django.core.validators import RegexValidator
from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.models.amounts import AmountField
from accounts.models.user import validate_time_zone

ID = (
    "id",
    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
)
CURRENCY = r"^[A-Z][A-Z0-9]{2,9}$"
OF_A_CHARGE = ("purchase", "top_up", "return", "goodwill")
CONSTRAINTS = {
    "User": [
        models.UniqueConstraint(
            Lower("email"),
            condition=~Q(email=""),
            name="one_user_per_email",
            violation_error_message="There is an account with this email address already.",
        ),
        models.CheckConstraint(
            condition=Q(is_staff=False) | ~Q(email=""), name="staff_have_an_address"
        ),
        models.CheckConstraint(
            condition=Q(email="") | Q(email__regex=r"@[!-~]+$"), name="domain_is_in_ascii"
        ),
    ],
    "ApiToken": [
        models.CheckConstraint(condition=~Q(name=""), name="api_token_has_a_name"),
        models.CheckConstraint(
            condition=Q(scopes__len__gt=0)
            & Q(scopes__contained_by=["orders:read", "claims:read", "claims:write", "credit:read"]),
            name="api_token_has_known_scopes",
        ),
    ],
    "CreditAccount": [
        models.UniqueConstraint(
            fields=["owner", "currency"],
            condition=Q(former_owner__isnull=True),
            name="one_account_per_customer_and_currency",
        ),
        models.UniqueConstraint(
            fields=["kind", "currency"],
            condition=~Q(kind="customer"),
            name="one_shop_account_per_kind_and_currency",
        ),
        models.CheckConstraint(
            condition=Q(
                kind="customer",
                owner__isnull=False,
                balance__isnull=False,
                uncovered__isnull=False,
            )
            | (
                ~Q(kind="customer")
                & Q(owner__isnull=True, balance__isnull=True, uncovered__isnull=True)
            ),
            name="customers_accounts_have_an_owner_and_a_balance",
        ),
        models.CheckConstraint(
            condition=Q(balance__isnull=True) | Q(balance__gte=0),
            name="balance_is_never_below_zero",
        ),
        models.CheckConstraint(
            condition=Q(uncovered__isnull=True) | Q(uncovered__gte=0),
            name="uncovered_is_never_below_zero",
        ),
        models.CheckConstraint(
            condition=Q(balance__isnull=True) | Q(balance=0) | Q(uncovered=0),
            name="credit_repays_what_is_uncovered_first",
        ),
        models.CheckConstraint(
            condition=Q(currency__regex=CURRENCY), name="account_currency_is_a_code"
        ),
    ],
    "Charge": [
        models.CheckConstraint(
            condition=Q(kind="purchase", amount__gte=0) | Q(kind="top_up", amount__gt=0),
            name="charge_amount_is_not_negative",
        ),
        models.CheckConstraint(
            condition=Q(currency__regex=CURRENCY), name="charge_currency_is_a_code"
        ),
    ],
    "CreditTransfer": [
        models.CheckConstraint(condition=Q(amount__gt=0), name="transfer_amount_is_positive"),
        models.CheckConstraint(condition=~Q(debit=F("credit")), name="transfer_joins_two_accounts"),
        models.CheckConstraint(
            condition=Q(kind__in=[*OF_A_CHARGE, "adjustment", "uncovered"]),
            name="transfer_kind_is_known",
        ),
        models.CheckConstraint(
            condition=Q(kind__in=OF_A_CHARGE, charge__isnull=False, event_id="")
            | (Q(kind="adjustment", charge__isnull=True) & ~Q(event_id=""))
            | Q(kind="uncovered", charge__isnull=False, event_id="")
            | (Q(kind="uncovered", charge__isnull=True) & ~Q(event_id="")),
            name="transfer_has_one_cause",
        ),
        models.UniqueConstraint(
            fields=["charge"],
            condition=Q(kind__in=["purchase", "top_up"]),
            name="a_charge_is_booked_once",
        ),
        models.UniqueConstraint(
            fields=["charge"],
            condition=Q(kind__in=["return", "goodwill"]),
            name="a_charge_goes_back_once",
        ),
        models.UniqueConstraint(
            fields=["event_id"],
            condition=Q(kind="adjustment"),
            name="one_adjustment_per_event",
        ),
    ],
}
INDEXES = {
    "CreditAccount": [
        models.Index(fields=["owner", "currency"], name="accounts_of_an_owner"),
    ],
    "BalanceSnapshot": [
        models.Index(fields=["account", "-at", "-id"], name="snapshots_of_an_account"),
    ],
    "User": [
        models.Index(OpClass("email", name="varchar_pattern_ops"), name="users_by_email_beginning"),
    ],
}


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                ID,
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(
                    blank=True, null=True, verbose_name="last login"
                )),
                ("is_superuser", models.BooleanField(
                    default=False,
                    help_text=(
                        "Designates that this user has all permissions without explicitly "
                        "assigning them."
                    ),
                    verbose_name="superuser status"
                )),
                ("email", models.CharField(blank=True, max_length=254)),
                ("display_name", models.CharField(blank=True, max_length=80)),
                ("time_zone", models.CharField(
                    default="UTC", max_length=64, validators=[validate_time_zone]
                )),
                ("language", models.CharField(
                    choices=[("en", "English"), ("de", "Deutsch")], default="en", max_length=12
                )),
                ("is_active", models.BooleanField(default=True)),
                ("is_staff", models.BooleanField(
                    default=False, verbose_name="may sign in to the admin"
                )),
                ("date_joined", models.DateTimeField(default=timezone.now, editable=False)),
                ("groups", models.ManyToManyField(
                    blank=True,
                    help_text=(
                        "The groups this user belongs to. A user will get all permissions granted "
                        "to each of their groups."
                    ),
                    related_name="user_set", related_query_name="user", to="auth.group",
                    verbose_name="groups"
                )),
                ("user_permissions", models.ManyToManyField(
                    blank=True, help_text="Specific permissions for this user.",
                    related_name="user_set", related_query_name="user", to="auth.permission",
                    verbose_name="user permissions"
                )),
            ],
            options={
                "constraints": CONSTRAINTS["User"],
                "indexes": INDEXES["User"],
            },
        ),
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                ID,
                ("owner", models.ForeignKey(
                    on_delete=models.PROTECT, related_name="api_tokens", to=settings.AUTH_USER_MODEL
                )),
                ("name", models.CharField(max_length=60)),
                ("beginning", models.CharField(help_text="To know it again by.", max_length=12)),
                ("digest", models.CharField(
                    editable=False, max_length=64, unique=True, verbose_name="SHA-256"
                )),
                ("scopes", ArrayField(
                    base_field=models.CharField(
                        choices=[
                            ("orders:read", "Read my orders"),
                            ("claims:read", "Read my claims"),
                            ("claims:write", "File and withdraw claims, send files"),
                            ("credit:read", "Read my credit"),
                        ],
                        max_length=16
                    ),
                    size=None
                )),
                ("made_at", models.DateTimeField()),
                ("last_used_at", models.DateTimeField(
                    blank=True, help_text="To the minute.", null=True
                )),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "API token",
                "ordering": ["-made_at", "-id"],
                "constraints": CONSTRAINTS["ApiToken"],
            },
        ),
        migrations.CreateModel(
            name="RequestCount",
            fields=[
                ("key", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("minute", models.DateTimeField()),
                ("count", models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="CreditAccount",
            fields=[
                ID,
                ("kind", models.CharField(
                    choices=[
                        ("customer", "customer's credit"),
                        ("payments", "payments received"),
                        ("sales", "sales"),
                        ("goodwill", "goodwill given"),
                        ("adjustments", "the shop's adjustments"),
                        ("uncovered", "purchases beyond the credit known here"),
                    ],
                    max_length=16
                )),
                ("owner", models.ForeignKey(
                    blank=True, db_index=False, null=True, on_delete=models.PROTECT,
                    related_name="credit_accounts", to=settings.AUTH_USER_MODEL
                )),
                ("former_owner", models.ForeignKey(
                    blank=True, db_index=False,
                    help_text="The customer whose account it was, if they became another person.",
                    null=True, on_delete=models.PROTECT, related_name="+",
                    to=settings.AUTH_USER_MODEL
                )),
                ("currency", models.CharField(
                    max_length=10, validators=[RegexValidator(CURRENCY)]
                )),
                ("balance", AmountField(blank=True, null=True)),
                ("uncovered", AmountField(
                    blank=True, help_text="Spent beyond the credit that we know of.", null=True
                )),
            ],
            options={
                "constraints": CONSTRAINTS["CreditAccount"],
                "indexes": INDEXES["CreditAccount"],
            },
        ),
        migrations.CreateModel(
            name="Charge",
            fields=[
                ID,
                ("account", models.ForeignKey(
                    on_delete=models.PROTECT, related_name="charges", to="accounts.creditaccount"
                )),
                ("kind", models.CharField(
                    choices=[("purchase", "purchase"), ("top_up", "top-up")], max_length=8
                )),
                ("amount", AmountField()),
                ("currency", models.CharField(
                    max_length=10, validators=[RegexValidator(CURRENCY)]
                )),
                ("reference", models.CharField(
                    help_text="The shop's order id.", max_length=64, unique=True,
                    verbose_name="the shop's reference"
                )),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-made_at", "-id"],
                "constraints": CONSTRAINTS["Charge"],
            },
        ),
        migrations.CreateModel(
            name="CreditTransfer",
            fields=[
                ID,
                ("debit", models.ForeignKey(
                    on_delete=models.PROTECT, related_name="debits", to="accounts.creditaccount"
                )),
                ("credit", models.ForeignKey(
                    on_delete=models.PROTECT, related_name="credits", to="accounts.creditaccount"
                )),
                ("amount", AmountField()),
                ("currency", models.CharField(
                    max_length=10, validators=[RegexValidator(CURRENCY)]
                )),
                ("kind", models.CharField(
                    choices=[
                        ("top_up", "top-up"),
                        ("purchase", "purchase"),
                        ("return", "return"),
                        ("goodwill", "goodwill"),
                        ("adjustment", "adjustment by the shop"),
                        ("uncovered", "not covered by credit known here"),
                    ],
                    max_length=16
                )),
                ("charge", models.ForeignKey(
                    blank=True, null=True, on_delete=models.PROTECT, related_name="transfers",
                    to="accounts.charge"
                )),
                ("event_id", models.CharField(
                    blank=True, max_length=128, verbose_name="the shop's event id"
                )),
                ("key", models.CharField(max_length=160, unique=True)),
                ("made_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "ordering": ["-made_at", "-id"],
                "constraints": CONSTRAINTS["CreditTransfer"],
            },
        ),
        migrations.CreateModel(
            name="BalanceSnapshot",
            fields=[
                ID,
                ("account", models.ForeignKey(
                    db_index=False, on_delete=models.PROTECT, related_name="snapshots",
                    to="accounts.creditaccount"
                )),
                ("event_id", models.CharField(
                    max_length=128, unique=True, verbose_name="the shop's event id"
                )),
                ("balance", AmountField()),
                ("at", models.DateTimeField(help_text="By the shop's clock.")),
            ],
            options={
                "ordering": ["-at", "-id"],
                "indexes": INDEXES["BalanceSnapshot"],
            },
        ),
    ]
