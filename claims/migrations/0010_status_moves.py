"""The triggers of columns that move along a machine: the steps that each may take."""

from hashlib import sha1

from django.db import migrations
from pgtrigger.compiler import Trigger, UpsertTriggerSql
from pgtrigger.migrations import AddTrigger


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


def moves(column, *steps):
    """Return SQL that refuses every step but these, each written as `before:after`."""
    return one_line(f"""
        SELECT CONCAT(OLD."{column}", ':', NEW."{column}") = ANY('{{{",".join(steps)}}}'::text[])
        INTO _is_valid_transition;
        IF (_is_valid_transition IS FALSE AND OLD."{column}" IS DISTINCT FROM NEW."{column}") THEN
            RAISE EXCEPTION
                'pgtrigger: Invalid transition of field "{column}" from "%" to "%" on table %',
                OLD."{column}", NEW."{column}", TG_TABLE_NAME;
        ELSE
            RETURN NEW;
        END IF;
    """)  # noqa: S608  # SQL of this file alone


class Migration(migrations.Migration):
    dependencies = [("claims", "0009_append_only")]

    operations = [
        trigger(
            "Upload",
            "is_inspected_once",
            "BEFORE UPDATE",
            declare="DECLARE _is_valid_transition BOOLEAN;",
            func=moves(
                "state",
                "receiving:waiting",
                "waiting:accepted",
                "waiting:refused",
                "receiving:removed",
                "waiting:removed",
                "accepted:removed",
                "refused:removed",
            ),
        ),
        trigger(
            "Claim",
            "moves_along_its_statuses",
            "BEFORE UPDATE",
            declare="DECLARE _is_valid_transition BOOLEAN;",
            func=moves(
                "status",
                "submitted:waiting_customer",
                "submitted:repairing",
                "submitted:offered",
                "submitted:refunded",
                "submitted:rejected",
                "submitted:withdrawn",
                "waiting_customer:submitted",
                "waiting_customer:repairing",
                "waiting_customer:offered",
                "waiting_customer:refunded",
                "waiting_customer:rejected",
                "waiting_customer:withdrawn",
                "repairing:submitted",
                "repairing:repaired",
                "repairing:refunded",
                "repairing:rejected",
                "repairing:withdrawn",
                "offered:submitted",
                "offered:replaced",
                "offered:refunded",
                "offered:withdrawn",
                "repaired:submitted",
                "rejected:submitted",
            ),
        ),
        trigger(
            "Notice",
            "goes_out_once",
            "BEFORE UPDATE",
            declare="DECLARE _is_valid_transition BOOLEAN;",
            func=moves(
                "state",
                "waiting:sending",
                "waiting:unmailed",
                "sending:sent",
                "sending:waiting",
                "sending:failed",
                "sending:unsure",
                "unsure:sent",
                "unsure:bounced",
                "sent:bounced",
                "failed:waiting",
                "unsure:waiting",
                "bounced:waiting",
                "unmailed:waiting",
            ),
        ),
        trigger(
            "IncidentClaim",
            "is_worked_off_once",
            "BEFORE UPDATE",
            declare="DECLARE _is_valid_transition BOOLEAN;",
            func=moves("state", "waiting:approved", "waiting:left"),
        ),
        trigger(
            "Webhook",
            "goes_out",
            "BEFORE UPDATE",
            declare="DECLARE _is_valid_transition BOOLEAN;",
            func=moves("state", "waiting:sent", "waiting:dead", "dead:waiting", "dead:left_out"),
        ),
    ]
