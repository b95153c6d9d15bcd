"""The role of the portal's processes can't change what is a record, and switches no trigger off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pgtrigger
import psycopg
import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Model
from psycopg import errors

from accounts import privileges, roles
from accounts.models import CreditAccount, CreditTransfer, User
from claims.models import Order
from tests.databases import APP
from tests.makers import make_charge, make_order, make_user, top_up
from tests.processes import database_url


def tables_with(*triggers: str) -> list[str]:
    """Return the tables whose models have a trigger of one of these names."""
    return sorted(
        model._meta.db_table
        for model in apps.get_models()
        if any(trigger.name in triggers for trigger in getattr(model._meta, "triggers", ()))
    )


APPEND_ONLY = tables_with("is_append_only")
NEVER_DELETED = tables_with("is_append_only", "is_never_deleted")
NEVER_TRUNCATED = tables_with("is_never_truncated")


def function_of(model: type[Model], name: str) -> str:
    """Return the database's name of a model's trigger, which its function has, too."""
    return str(trigger_of(model, name).get_pgid(cast("Model", model)))


def trigger_of(model: type[Model], name: str) -> pgtrigger.Trigger:
    ((_model, trigger),) = pgtrigger.registered(f"{model._meta.label}:{name}")
    return trigger


@pytest.fixture
def ann(real_commits) -> User:
    return make_user("ann@example.com")


@pytest.fixture
def app(db) -> Iterator[psycopg.Connection]:
    """Return a connection of the portal's role, beside the one of the test."""
    with psycopg.connect(database_url(), autocommit=True) as beside:
        yield beside


@pytest.fixture
def committed_app(real_commits) -> Iterator[psycopg.Connection]:
    """Return the same, in a database of the test's own."""
    with psycopg.connect(database_url(), autocommit=True) as beside:
        yield beside


def as_owner(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_connection_is_of_a_role_that_owns_nothing(app):
    assert app.execute("SELECT session_user").fetchone() == (APP,)
    assert privileges.faults(APP) == []


def test_the_tables_are_found():
    assert len(APPEND_ONLY) >= 15
    assert len(NEVER_DELETED) >= 30
    assert set(NEVER_DELETED) <= set(NEVER_TRUNCATED)


def refused_for_lack_of_a_right(app, statement):
    with pytest.raises(errors.InsufficientPrivilege):
        app.execute(statement)


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_it_may_not_update_a_record(app, table):
    (key,) = (model._meta.pk.column for model in apps.get_models() if model._meta.db_table == table)
    refused_for_lack_of_a_right(app, f"UPDATE {table} SET {key} = {key}")


@pytest.mark.parametrize("table", NEVER_DELETED)
def test_it_may_not_delete_what_stays(app, table):
    refused_for_lack_of_a_right(app, f"DELETE FROM {table}")


def test_it_may_truncate_no_table(app):
    tables = app.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert len(tables) > 50
    for (table,) in tables:
        refused_for_lack_of_a_right(app, f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER TABLE claims_event DISABLE TRIGGER USER",
        "ALTER TABLE claims_event DISABLE TRIGGER ALL",
        "ALTER TABLE claims_order DROP CONSTRAINT claims_order_pkey CASCADE",
        "DROP TABLE claims_event CASCADE",
        "DROP FUNCTION public._pgtrigger_should_ignore CASCADE",
        f"DROP TRIGGER {function_of(CreditTransfer, 'is_append_only')} ON accounts_credittransfer",
        f"ALTER FUNCTION {function_of(CreditTransfer, 'keeps_balances')} SECURITY INVOKER",
        "CREATE TRIGGER mine AFTER INSERT ON claims_event EXECUTE FUNCTION RI_FKey_check_ins()",
        "CREATE RULE mine AS ON INSERT TO claims_event DO INSTEAD NOTHING",
        "SET session_replication_role = replica",
        "GRANT UPDATE ON claims_event TO CURRENT_USER",
        "CREATE ROLE mine",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('claims', 'x', now())",
    ],
)  # fmt: skip
def test_it_may_not_change_the_schema_or_switch_triggers_off(app, statement):
    try:
        app.execute(statement)
    except errors.InsufficientPrivilege:
        return
    # GRANT without the right is a warning, so what counts is that nothing was granted.
    assert statement.startswith("GRANT")
    refused_for_lack_of_a_right(app, "UPDATE claims_event SET id = id")


def test_it_may_make_a_temporary_table_which_imports_need(app):
    app.execute("CREATE TEMPORARY TABLE shop_report (id int)")


TRANSFERS = "accounts_credittransfer"
CHANGED = f"UPDATE {TRANSFERS} SET amount = amount + 1"


def test_with_the_right_the_trigger_alone_protects_and_without_both_nothing(committed_app, ann):
    top_up(ann, "5")
    refused_for_lack_of_a_right(committed_app, CHANGED)
    as_owner(f"GRANT UPDATE ON {TRANSFERS} TO {APP}")
    with pytest.raises(errors.RaiseException, match="Cannot update or delete"):
        committed_app.execute(CHANGED)
    as_owner(f"ALTER TABLE {TRANSFERS} DISABLE TRIGGER USER")
    committed_app.execute(CHANGED)

    assert CreditTransfer.objects.get().amount == 6


def test_with_the_trigger_off_the_right_alone_protects(committed_app, ann):
    top_up(ann, "5")
    as_owner(f"ALTER TABLE {TRANSFERS} DISABLE TRIGGER USER")

    refused_for_lack_of_a_right(committed_app, CHANGED)
    refused_for_lack_of_a_right(committed_app, f"DELETE FROM {TRANSFERS}")


def ignoring(app, statement, trigger):
    with app.transaction():
        app.execute("SELECT set_config('pgtrigger.ignore', %s, true)", [f"{{{trigger}}}"])
        app.execute(statement)


def test_it_may_not_ignore_a_trigger(committed_app, ann):
    """`pgtrigger.ignore` sets a variable that every role may set."""
    order = make_order(ann)
    trigger = function_of(Order, "keeps_what_was_bought")
    changed = f"UPDATE claims_order SET shop_id = 'another' WHERE id = {order.pk}"
    with pytest.raises(errors.RaiseException, match="Cannot update"):
        ignoring(committed_app, changed, trigger)

    # Without the function of ours: django-pgtrigger's, which comes with each trigger.
    trigger_of(Order, "never_becomes_history").install(Order)
    ignoring(committed_app, changed, trigger)

    assert Order.objects.get(pk=order.pk).shop_id == "another"


def test_the_owner_may_ignore_a_trigger(ann):
    order = make_order(ann)
    with pgtrigger.ignore("claims.Order:keeps_what_was_bought"):
        Order.objects.filter(pk=order.pk).update(shop_id="another")


BALANCES = "accounts_creditaccount"
# A statement of a trigger isn't taken for one from outside, whosever the trigger is.
FORGED_BY_A_TRIGGER = f"""
CREATE TEMPORARY TABLE mine (id int);
CREATE FUNCTION pg_temp.forge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE {BALANCES} SET balance = 999 WHERE kind = 'customer';
    RETURN NULL;
END $$;
CREATE TRIGGER forges AFTER INSERT ON mine FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.forge();
INSERT INTO mine VALUES (1);
"""


def balance_of(person):
    return CreditAccount.objects.get(owner=person).balance


def test_no_trigger_of_its_own_changes_a_balance(committed_app, ann):
    top_up(ann, "5")
    refused_for_lack_of_a_right(committed_app, FORGED_BY_A_TRIGGER)
    assert balance_of(ann) == 5

    as_owner(f"GRANT UPDATE ON {BALANCES} TO {APP}")
    committed_app.execute(FORGED_BY_A_TRIGGER)

    assert balance_of(ann) == 999


def test_it_may_lock_a_balance_and_change_none(committed_app, ann):
    top_up(ann, "5")
    assert committed_app.execute(f"SELECT balance FROM {BALANCES} WHERE balance > 0 FOR UPDATE")
    refused_for_lack_of_a_right(committed_app, f"UPDATE {BALANCES} SET balance = 999")
    refused_for_lack_of_a_right(committed_app, f"UPDATE {BALANCES} SET uncovered = 0")


KEEPS_BALANCES = function_of(CreditTransfer, "keeps_balances")
FORGED_BY_ROWS = f"""
CREATE TEMPORARY TABLE mine (debit_id bigint, credit_id bigint, amount numeric, kind text);
CREATE TRIGGER forges AFTER INSERT ON mine REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION {KEEPS_BALANCES}();
INSERT INTO mine SELECT 0, id, 994, 'top_up' FROM {BALANCES} WHERE kind = 'customer';
"""


def test_it_may_not_feed_the_function_that_writes_balances(committed_app, ann):
    top_up(ann, "5")
    refused_for_lack_of_a_right(committed_app, FORGED_BY_ROWS)
    committed_app.execute("DROP TABLE IF EXISTS mine")
    assert balance_of(ann) == 5

    as_owner(f"GRANT EXECUTE ON FUNCTION {KEEPS_BALANCES} TO {APP}")
    committed_app.execute(FORGED_BY_ROWS)

    assert balance_of(ann) == 999


def returned(charge, amount):
    return f"""
    INSERT INTO public.{TRANSFERS}
           (debit_id, credit_id, amount, currency, kind, charge_id, event_id, key, made_at)
    SELECT sales.id, {charge.account_id}, {amount}, 'EUR', 'return', {charge.pk}, '', 'forged',
           now()
      FROM public.{BALANCES} AS sales WHERE kind = 'sales'
    """


def test_a_temporary_table_takes_no_table_s_place_in_a_trigger(committed_app, ann):
    top_up(ann, "5")
    charge = make_charge(ann, "5")
    committed_app.execute("CREATE TEMPORARY TABLE accounts_charge AS TABLE public.accounts_charge")
    committed_app.execute("UPDATE pg_temp.accounts_charge SET amount = 999")
    with pytest.raises(errors.RaiseException, match="no more than its price"):
        committed_app.execute(returned(charge, 999))

    as_owner(f"ALTER FUNCTION {function_of(CreditTransfer, 'settles_its_charge')} RESET ALL")
    committed_app.execute(returned(charge, 999))

    assert balance_of(ann) == 999


def test_without_the_owner_s_function_no_transfer_can_be_booked(committed_app, ann):
    """Fails closed: a migration makes the function anew, and what follows it protects it again."""
    top_up(ann, "5")
    charge = make_charge(ann, "2")
    as_owner(f"ALTER FUNCTION {KEEPS_BALANCES} SECURITY INVOKER")
    refused_for_lack_of_a_right(committed_app, returned(charge, 2))

    roles.follow_tables()
    committed_app.execute(returned(charge, 2))

    assert balance_of(ann) == 5


def test_a_later_table_is_written_once_its_migration_is_through(committed_app):
    as_owner("CREATE TABLE later (id bigint GENERATED BY DEFAULT AS IDENTITY, word text)")
    committed_app.execute("INSERT INTO later (word) VALUES ('here')")
    assert committed_app.execute("SELECT word FROM later").fetchall() == [("here",)]
    refused_for_lack_of_a_right(committed_app, "UPDATE later SET word = 'there'")

    roles.follow_tables()

    committed_app.execute("UPDATE later SET word = 'there'")
    committed_app.execute("DELETE FROM later")


def test_a_right_too_many_is_taken_away(committed_app):
    as_owner(f"GRANT UPDATE, TRUNCATE ON claims_event TO {APP}")
    roles.follow_tables()

    refused_for_lack_of_a_right(committed_app, "UPDATE claims_event SET id = id")
    refused_for_lack_of_a_right(committed_app, "TRUNCATE claims_event CASCADE")


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (f"GRANT UPDATE ON {BALANCES} TO PUBLIC", "may change or delete records"),
        ("GRANT DELETE ON claims_event TO PUBLIC", "may change or delete records"),
        (f"GRANT pg_write_all_data TO {APP}", "may change or delete records"),
        ("GRANT CREATE ON SCHEMA public TO PUBLIC", "may create tables in the schema public"),
        (f'GRANT CREATE ON DATABASE "{{database}}" TO {APP}', "may create schemas"),
        (f"ALTER ROLE {APP} CREATEROLE", "may create roles"),
        (f"CREATE TABLE mine (); ALTER TABLE mine OWNER TO {APP}",
         "owns tables, or is a member of the role that does"),
    ],
)  # fmt: skip
def test_a_right_that_it_has_otherwise_is_a_fault(db, given, fault):
    as_owner(given.format(database=connection.settings_dict["NAME"]))

    assert privileges.faults(APP) == [fault]
