"""The triggers of tables whose rows stay: written once, or never deleted, and never truncated."""

from hashlib import sha1

from django.db import migrations
from pgtrigger.compiler import Trigger, UpsertTriggerSql
from pgtrigger.migrations import AddTrigger

APPEND_ONLY = [
    "ServiceAlias",
    "Receipt",
    "Event",
    "NoticeMail",
    "Message",
    "Note",
    "Approval",
    "Decision",
    "Contradiction",
    "Dispute",
    "WrongPayment",
    "SupplierEntry",
]
NEVER_DELETED = [
    "Service",
    "Number",
    "Order",
    "Claim",
    "Notice",
    "Offer",
    "Replacement",
    "Incident",
    "IncidentClaim",
    "ShopEvent",
    "Webhook",
    "Acknowledgement",
    "CustomerFlag",
]
NEVER_TRUNCATED = [*APPEND_ONLY, *NEVER_DELETED, "PolicyVersion"]

REFUSE_BOTH = (
    "RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;"
)
REFUSE_DELETE = "RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;"
REFUSE_TRUNCATE = "RAISE EXCEPTION 'rows of % are never truncated', TG_TABLE_NAME;"


def trigger(model, name, fires, **sql):
    """Add a trigger under the name that django-pgtrigger gives it in the database."""
    when, operation = fires.split(" ", 1)
    suffix = sha1(f"claims.{model}:{name}".encode(), usedforsecurity=False).hexdigest()[:5]
    statement = UpsertTriggerSql(
        pgid=f"pgtrigger_{name}_{suffix}",
        table=f"claims_{model.lower()}",
        when=when,
        operation=operation,
        **sql,
    )
    return AddTrigger(model.lower(), Trigger(name=name, sql=statement))


class Migration(migrations.Migration):
    dependencies = [("claims", "0008_shop_tables")]

    operations = [
        *(
            trigger(model, "is_append_only", "BEFORE UPDATE OR DELETE", func=REFUSE_BOTH)
            for model in APPEND_ONLY
        ),
        *(
            trigger(model, "is_never_deleted", "BEFORE DELETE", func=REFUSE_DELETE)
            for model in NEVER_DELETED
        ),
        *(
            trigger(
                model,
                "is_never_truncated",
                "BEFORE TRUNCATE",
                level="STATEMENT",
                func=REFUSE_TRUNCATE,
            )
            for model in NEVER_TRUNCATED
        ),
    ]
