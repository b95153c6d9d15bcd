"""The mails of the sign-in pages, and the links that an operator has printed."""

from hashlib import sha1

from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.functions import Lower
from pgtrigger.compiler import Trigger, UpsertTriggerSql
from pgtrigger.migrations import AddTrigger

ID = (
    "id",
    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
)
REFUSE_UPDATE = "RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;"
REFUSE_DELETE = "RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;"
REFUSE_TRUNCATE = "RAISE EXCEPTION 'rows of % are never truncated', TG_TABLE_NAME;"
CONSTRAINTS = {
    "SignInLink": [
        models.CheckConstraint(
            condition=Q(used_at__isnull=True) | Q(used_at__lt=F("expires_at")),
            name="a_sign_in_link_is_used_before_it_expires",
        ),
    ],
    "SignInMail": [
        models.CheckConstraint(
            condition=Q(state="waiting", sealed__startswith="gAAAA")
            | (~Q(state="waiting") & Q(sealed="")),
            name="a_sign_in_mail_is_sealed_and_then_erased",
        ),
        models.CheckConstraint(
            condition=Q(state="sent", sent_at__isnull=False)
            | (~Q(state="sent") & Q(sent_at__isnull=True)),
            name="a_sent_sign_in_mail_has_a_time",
        ),
        models.CheckConstraint(
            condition=Q(state__in=["waiting", "sent", "refused", "expired"]),
            name="a_sign_in_mail_has_a_known_state",
        ),
        models.UniqueConstraint(
            Lower("address"),
            "day",
            condition=Q(kind="unknown_account", state__in=["waiting", "sent"]),
            name="one_mail_a_day_to_an_address_without_account",
        ),
    ],
}
INDEXES = {
    "SignInMail": [
        models.Index(Lower("address"), F("id").desc(), name="sign_in_mail_by_address"),
        models.Index(
            fields=["expires_at"], condition=Q(state="waiting"), name="sign_in_mail_waiting"
        ),
    ],
}


def trigger(model, name, fires, **sql):
    """Add a trigger under the name that django-pgtrigger gives it in the database."""
    when, operation = fires.split(" ", 1)
    suffix = sha1(f"accounts.{model}:{name}".encode(), usedforsecurity=False).hexdigest()[:5]
    statement = UpsertTriggerSql(
        pgid=f"pgtrigger_{name}_{suffix}",
        table=f"accounts_{model.lower()}",
        when=when,
        operation=operation,
        **sql,
    )
    return AddTrigger(model.lower(), Trigger(name=name, sql=statement))


def changes(*columns):
    """Return the condition of a trigger that refuses a change of these columns."""
    changed = (f'OLD."{column}" IS DISTINCT FROM (NEW."{column}")' for column in columns)
    return f"WHEN ({' OR '.join(changed)})"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_triggers")]

    operations = [
        migrations.CreateModel(
            name="SignInMail",
            fields=[
                ID,
                ("kind", models.CharField(max_length=40)),
                ("address", models.CharField(max_length=320)),
                ("sealed", models.TextField(blank=True, editable=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("sent", "Sent"),
                            ("refused", "Refused"),
                            ("expired", "Expired"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("day", models.DateField(help_text="Of `made_at`, in UTC.")),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("tried_at", models.DateTimeField(blank=True, null=True)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("problem", models.CharField(blank=True, max_length=80)),
            ],
            options={
                "ordering": ["-id"],
                "constraints": CONSTRAINTS["SignInMail"],
                "indexes": INDEXES["SignInMail"],
            },
        ),
        migrations.CreateModel(
            name="SignInLink",
            fields=[
                ID,
                (
                    "user",
                    models.ForeignKey(
                        on_delete=models.PROTECT,
                        related_name="sign_in_links",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "address",
                    models.CharField(
                        help_text="The person's address at that time.", max_length=320
                    ),
                ),
                (
                    "digest",
                    models.CharField(
                        editable=False, max_length=64, unique=True, verbose_name="SHA-256"
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={"ordering": ["-id"], "constraints": CONSTRAINTS["SignInLink"]},
        ),
        trigger(
            "SignInMail",
            "keeps_whom_it_is_for",
            "BEFORE UPDATE",
            condition=changes("kind", "address", "day", "made_at", "expires_at"),
            func=REFUSE_UPDATE,
        ),
        trigger(
            "SignInMail",
            "stays_ended",
            "BEFORE UPDATE",
            condition="""WHEN (NOT (OLD."state" = 'waiting'))""",
            func=REFUSE_UPDATE,
        ),
        trigger(
            "SignInMail",
            "is_kept_while_it_waits",
            "BEFORE DELETE",
            condition="""WHEN (OLD."state" = 'waiting')""",
            func=REFUSE_DELETE,
        ),
        trigger("SignInLink", "is_never_deleted", "BEFORE DELETE", func=REFUSE_DELETE),
        trigger(
            "SignInLink",
            "is_never_truncated",
            "BEFORE TRUNCATE",
            level="STATEMENT",
            func=REFUSE_TRUNCATE,
        ),
        trigger(
            "SignInLink",
            "keeps_whom_it_lets_in",
            "BEFORE UPDATE",
            condition=changes("user_id", "address", "digest", "made_at", "expires_at"),
            func=REFUSE_UPDATE,
        ),
        trigger(
            "SignInLink",
            "is_used_once",
            "BEFORE UPDATE",
            condition='WHEN (OLD."used_at" IS NOT NULL)',
            func=REFUSE_UPDATE,
        ),
    ]
