"""The tables of people, of their programs' tokens, and of the credit ledger."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import OpClass
from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.models.user import validate_time_zone

ID = (
    "id",
    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
)
CONSTRAINTS = {
    "User": [
        models.UniqueConstraint(
            Lower("email"),
            name="one_user_per_email",
            violation_error_message="There is an account with this email address already.",
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
            fields=["owner", "currency"], name="one_account_per_customer_and_currency"
        ),
        models.UniqueConstraint(
            fields=["kind", "currency"],
            condition=~Q(kind="customer"),
            name="one_shop_account_per_kind_and_currency",
        ),
        models.CheckConstraint(
            condition=Q(kind="customer", owner__isnull=False, balance__isnull=False)
            | (~Q(kind="customer") & Q(owner__isnull=True, balance__isnull=True)),
            name="customers_accounts_have_an_owner_and_a_balance",
        ),
        models.CheckConstraint(
            condition=Q(balance__isnull=True) | Q(balance__gte=0),
            name="balance_is_never_below_zero",
        ),
        models.CheckConstraint(
            condition=Q(currency__regex=r"^[A-Z]{3}$"), name="account_currency_is_iso_4217"
        ),
    ],
    "CreditTransfer": [
        models.CheckConstraint(condition=Q(amount__gt=0), name="transfer_amount_is_positive"),
        models.CheckConstraint(condition=~Q(debit=F("credit")), name="transfer_joins_two_accounts"),
        models.CheckConstraint(
            condition=Q(kind__in=["top_up", "purchase", "return", "goodwill"]),
            name="transfer_kind_is_known",
        ),
    ],
}
INDEXES = {
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
                ("email", models.EmailField(max_length=254)),
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
                    ],
                    max_length=16
                )),
                ("owner", models.ForeignKey(
                    blank=True, db_index=False, null=True, on_delete=models.PROTECT,
                    related_name="credit_accounts", to=settings.AUTH_USER_MODEL
                )),
                ("currency", models.CharField(max_length=3)),
                ("balance", models.DecimalField(
                    blank=True, decimal_places=2, max_digits=14, null=True
                )),
            ],
            options={
                "constraints": CONSTRAINTS["CreditAccount"],
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
                ("amount", models.DecimalField(decimal_places=2, max_digits=12)),
                ("currency", models.CharField(max_length=3)),
                ("kind", models.CharField(
                    choices=[
                        ("top_up", "top-up"),
                        ("purchase", "purchase"),
                        ("return", "return"),
                        ("goodwill", "goodwill"),
                    ],
                    max_length=16
                )),
                ("key", models.CharField(max_length=80, unique=True)),
                ("made_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "ordering": ["-made_at", "-id"],
                "constraints": CONSTRAINTS["CreditTransfer"],
            },
        ),
    ]
