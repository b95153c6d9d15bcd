"""The triggers of what the shop tells and is told, and of flags: what was said stays."""

from hashlib import sha1

from django.db import migrations
from pgtrigger.compiler import Trigger, UpsertTriggerSql
from pgtrigger.migrations import AddTrigger

REFUSE_UPDATE = "RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;"
CHANGES_OWNER_BY_MERGE = """
IF NOT EXISTS (SELECT FROM accounts_customermerge AS done
                WHERE done.state = 'done' AND done.merged_id = OLD.customer_id
                  AND done.survivor_id = NEW.customer_id) THEN
    RAISE EXCEPTION 'only a merge gives this to another person';
END IF;
RETURN NEW;
"""


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


def one_line(sql):
    """Return the SQL as django-pgtrigger writes it."""
    return " ".join(sql.split())


class Migration(migrations.Migration):
    dependencies = [("claims", "0011_triggers")]

    operations = [
        trigger(
            "ShopEvent",
            "keeps_what_the_shop_told",
            "BEFORE UPDATE",
            condition=one_line("""
                WHEN (OLD."event_id" IS DISTINCT FROM (NEW."event_id")
                OR OLD."type" IS DISTINCT FROM (NEW."type")
                OR OLD."at" IS DISTINCT FROM (NEW."at")
                OR OLD."data" IS DISTINCT FROM (NEW."data")
                OR OLD."shop_order_id" IS DISTINCT FROM (NEW."shop_order_id")
                OR OLD."customer_id" IS DISTINCT FROM (NEW."customer_id")
                OR OLD."customer_email" IS DISTINCT FROM (NEW."customer_email")
                OR OLD."customer_name" IS DISTINCT FROM (NEW."customer_name")
                OR OLD."received_at" IS DISTINCT FROM (NEW."received_at"))
            """),
            func=REFUSE_UPDATE,
        ),
        trigger(
            "ShopEvent",
            "is_settled_once",
            "BEFORE UPDATE",
            condition="""WHEN (NOT (OLD."state" IN ('waiting', 'unknown')))""",
            func=REFUSE_UPDATE,
        ),
        trigger(
            "CustomerFlag",
            "keeps_what_it_says",
            "BEFORE UPDATE",
            condition=one_line("""
                WHEN (OLD."claim_id" IS DISTINCT FROM (NEW."claim_id")
                OR OLD."reason" IS DISTINCT FROM (NEW."reason")
                OR OLD."by_id" IS DISTINCT FROM (NEW."by_id")
                OR OLD."made_at" IS DISTINCT FROM (NEW."made_at")
                OR OLD."until" IS DISTINCT FROM (NEW."until"))
            """),
            func=REFUSE_UPDATE,
        ),
        trigger(
            "CustomerFlag",
            "is_lifted_once",
            "BEFORE UPDATE",
            condition=one_line("""
                WHEN (OLD."lifted_at" IS NOT NULL
                AND OLD."customer_id" = (NEW."customer_id"))
            """),
            func=REFUSE_UPDATE,
        ),
        trigger(
            "CustomerFlag",
            "changes_owner_by_merge",
            "BEFORE UPDATE",
            condition='WHEN (OLD."customer_id" IS DISTINCT FROM (NEW."customer_id"))',
            func=CHANGES_OWNER_BY_MERGE,
        ),
        trigger(
            "Webhook",
            "keeps_what_it_says",
            "BEFORE UPDATE",
            condition=one_line("""
                WHEN (OLD."message_id" IS DISTINCT FROM (NEW."message_id")
                OR OLD."type" IS DISTINCT FROM (NEW."type")
                OR OLD."cause" IS DISTINCT FROM (NEW."cause")
                OR OLD."order_id" IS DISTINCT FROM (NEW."order_id")
                OR OLD."at" IS DISTINCT FROM (NEW."at")
                OR OLD."data" IS DISTINCT FROM (NEW."data"))
            """),
            func=REFUSE_UPDATE,
        ),
        trigger(
            "Acknowledgement",
            "keeps_what_was_returned",
            "BEFORE UPDATE",
            condition=one_line("""
                WHEN (OLD."transfer_id" IS DISTINCT FROM (NEW."transfer_id")
                OR OLD."order_id" IS DISTINCT FROM (NEW."order_id")
                OR OLD."amount" IS DISTINCT FROM (NEW."amount")
                OR OLD."currency" IS DISTINCT FROM (NEW."currency")
                OR OLD."returned_at" IS DISTINCT FROM (NEW."returned_at"))
            """),
            func=REFUSE_UPDATE,
        ),
    ]
