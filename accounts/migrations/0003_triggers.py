"""The triggers of accounts: what happened to credit stays, and balances follow from it."""

from hashlib import sha1

from django.db import migrations
from pgtrigger.compiler import Trigger, UpsertTriggerSql
from pgtrigger.migrations import AddTrigger

APPEND_ONLY = ["BalanceSnapshot", "Charge", "CreditTransfer"]
NEVER_DELETED = ["ApiToken", "CreditAccount", "CustomerAddress", "CustomerId", "CustomerMerge"]
NEVER_TRUNCATED = [*APPEND_ONLY, *NEVER_DELETED]

REFUSE_BOTH = (
    "RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;"
)
REFUSE_DELETE = "RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;"
REFUSE_TRUNCATE = "RAISE EXCEPTION 'rows of % are never truncated', TG_TABLE_NAME;"
REFUSE_UPDATE = "RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;"
CHARGES_A_CUSTOMER = """
IF NOT EXISTS (SELECT FROM accounts_creditaccount AS account
                WHERE account.id = NEW.account_id AND account.kind = 'customer'
                  AND account.currency = NEW.currency) THEN
    RAISE EXCEPTION 'a charge is of a customer''s account in its currency';
END IF;
RETURN NEW;
"""
IS_BOOKED = """
IF NEW.amount > 0 AND NOT EXISTS (
    SELECT FROM accounts_credittransfer AS transfer
     WHERE transfer.charge_id = NEW.id AND transfer.kind IN ('purchase', 'top_up')) THEN
    RAISE EXCEPTION 'a charge of more than 0 has its purchase or top-up';
END IF;
RETURN NULL;
"""
JOINS_CUSTOMER_AND_SHOP = """
SELECT * INTO debit FROM accounts_creditaccount WHERE id = NEW.debit_id;
SELECT * INTO credit FROM accounts_creditaccount WHERE id = NEW.credit_id;
IF debit.currency <> NEW.currency OR credit.currency <> NEW.currency THEN
    RAISE EXCEPTION 'a credit transfer and its accounts have one currency';
END IF;
IF (debit.kind = 'customer') = (credit.kind = 'customer')
   OR (NEW.kind = 'purchase' AND credit.kind = 'customer')
   OR (NEW.kind IN ('top_up', 'return', 'goodwill') AND debit.kind = 'customer') THEN
    RAISE EXCEPTION 'a purchase goes from a customer to the shop, what gives credit to a customer';
END IF;
IF (CASE WHEN debit.kind = 'customer' THEN credit.kind ELSE debit.kind END)
   <> (CASE NEW.kind WHEN 'top_up' THEN 'payments' WHEN 'goodwill' THEN 'goodwill'
                     WHEN 'adjustment' THEN 'adjustments' WHEN 'uncovered' THEN 'uncovered'
                     ELSE 'sales' END) THEN
    RAISE EXCEPTION 'each kind of credit transfer has its own account of the shop';
END IF;
RETURN NEW;
"""
SETTLES_ITS_CHARGE = """
SELECT * INTO charged FROM accounts_charge WHERE id = NEW.charge_id;
IF charged.account_id NOT IN (NEW.debit_id, NEW.credit_id) THEN
    RAISE EXCEPTION 'a credit transfer is of the account that was charged';
END IF;
IF NEW.kind IN ('purchase', 'top_up')
   AND (NEW.kind, NEW.amount) <> (charged.kind, charged.amount) THEN
    RAISE EXCEPTION 'a purchase or a top-up is of the whole amount of its charge';
END IF;
IF NEW.kind IN ('return', 'goodwill')
   AND (charged.kind <> 'purchase' OR NEW.amount > charged.amount) THEN
    RAISE EXCEPTION 'only a purchase goes back, and no more than its price';
END IF;
RETURN NEW;
"""
CHANGES_BY_TRANSFERS = """
IF pg_trigger_depth() = 1
   AND ((NEW.owner_id IS NOT DISTINCT FROM OLD.owner_id)
        OR (NEW.kind, NEW.currency, NEW.balance, NEW.uncovered, NEW.former_owner_id)
           IS DISTINCT FROM (OLD.kind, OLD.currency, OLD.balance, OLD.uncovered,
                             coalesce(OLD.former_owner_id, OLD.owner_id))) THEN
    RAISE EXCEPTION 'a credit account changes by credit transfers alone';
END IF;
RETURN NEW;
"""
# The columns with the owner of what a merge gives to another person.
OWNED = {"CreditAccount": "owner_id", "CustomerAddress": "user_id", "CustomerId": "user_id"}
CHANGES_OWNER_BY_MERGE = """
IF NOT EXISTS (SELECT FROM accounts_customermerge AS done
                WHERE done.state = 'done' AND done.merged_id = OLD.{column}
                  AND done.survivor_id = NEW.{column}) THEN
    RAISE EXCEPTION 'only a merge gives this to another person';
END IF;
RETURN NEW;
"""
COMES_TO_NOBODY_MERGED = """
IF EXISTS (SELECT FROM accounts_customermerge AS done
            WHERE done.state = 'done' AND done.merged_id = NEW.{column}) THEN
    RAISE EXCEPTION 'this customer has become another person';
END IF;
RETURN NEW;
"""
ENDS_ONCE = " ".join(
    """
    SELECT CONCAT(OLD."state", ':', NEW."state") = ANY('{asked:confirmed,asked:cancelled,
confirmed:cancelled,confirmed:objected,confirmed:done}'::text[])
    INTO _is_valid_transition;
    IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN
        RAISE EXCEPTION
            'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %',
            OLD."state", NEW."state", TG_TABLE_NAME;
    ELSE
        RETURN NEW;
    END IF;
""".replace(",\n", ",").split()
)
WAITS_FOR_BOTH = """
IF NEW.done_at > clock_timestamp() THEN
    RAISE EXCEPTION 'a merge is done by the clock of the database';
END IF;
IF EXISTS (SELECT FROM accounts_customermerge AS earlier
            WHERE earlier.merged_id = NEW.survivor_id AND earlier.state = 'done') THEN
    RAISE EXCEPTION 'nobody becomes a person who became another';
END IF;
RETURN NEW;
"""
KEEPS_BALANCES = """
PERFORM 1 FROM accounts_creditaccount
 WHERE kind = 'customer'
   AND id IN (SELECT debit_id FROM new_rows UNION SELECT credit_id FROM new_rows)
 ORDER BY id FOR UPDATE;

UPDATE accounts_creditaccount AS account
   SET balance = account.balance + moved.amount,
       uncovered = account.uncovered + moved.uncovered
  FROM (
        SELECT account_id, sum(amount) AS amount,
               coalesce(sum(amount) FILTER (WHERE kind = 'uncovered'), 0) AS uncovered
          FROM (SELECT credit_id AS account_id, amount, kind FROM new_rows
                UNION ALL
                SELECT debit_id, -amount, kind FROM new_rows) AS sides
         GROUP BY account_id
       ) AS moved
 WHERE account.id = moved.account_id AND account.kind = 'customer';
RETURN NULL;
"""


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


def one_line(sql):
    """Return the SQL as django-pgtrigger writes it."""
    return " ".join(sql.split())


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_customer_tables")]

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
        trigger(
            "ApiToken",
            "keeps_what_it_may",
            "BEFORE UPDATE",
            condition=one_line("""
                WHEN (OLD."owner_id" IS DISTINCT FROM (NEW."owner_id")
                OR OLD."name" IS DISTINCT FROM (NEW."name")
                OR OLD."beginning" IS DISTINCT FROM (NEW."beginning")
                OR OLD."digest" IS DISTINCT FROM (NEW."digest")
                OR OLD."scopes" IS DISTINCT FROM (NEW."scopes")
                OR OLD."made_at" IS DISTINCT FROM (NEW."made_at"))
            """),
            func=REFUSE_UPDATE,
        ),
        trigger(
            "ApiToken",
            "stays_revoked",
            "BEFORE UPDATE",
            condition='WHEN (OLD."revoked_at" IS NOT NULL)',
            func=REFUSE_UPDATE,
        ),
        trigger(
            "CustomerId",
            "keeps_its_text",
            "BEFORE UPDATE",
            condition=one_line("""
                WHEN (OLD."customer_id" IS DISTINCT FROM (NEW."customer_id")
                OR OLD."made_at" IS DISTINCT FROM (NEW."made_at"))
            """),
            func=REFUSE_UPDATE,
        ),
        trigger(
            "CustomerAddress",
            "keeps_its_address",
            "BEFORE UPDATE",
            condition='WHEN (OLD."email" IS DISTINCT FROM (NEW."email"))',
            func=REFUSE_UPDATE,
        ),
        trigger(
            "CreditAccount",
            "opens_empty",
            "BEFORE INSERT",
            condition='WHEN (NEW."balance" > 0 OR NEW."uncovered" > 0)',
            func="RAISE EXCEPTION 'a credit account opens with a balance of zero';",
        ),
        trigger(
            "CreditAccount",
            "changes_by_transfers_alone",
            "BEFORE UPDATE",
            func=CHANGES_BY_TRANSFERS,
        ),
        *(
            trigger(
                model,
                "changes_owner_by_merge",
                "BEFORE UPDATE",
                condition=f'WHEN (OLD."{column}" IS DISTINCT FROM (NEW."{column}"))',
                func=CHANGES_OWNER_BY_MERGE.format(column=column),
            )
            for model, column in OWNED.items()
        ),
        *(
            trigger(
                model,
                "comes_to_nobody_merged",
                "BEFORE INSERT",
                func=COMES_TO_NOBODY_MERGED.format(column=OWNED[model]),
            )
            for model in ("CreditAccount", "CustomerId")
        ),
        trigger(
            "CustomerMerge",
            "ends_once",
            "BEFORE UPDATE",
            declare="DECLARE _is_valid_transition BOOLEAN;",
            func=ENDS_ONCE,
        ),
        trigger(
            "CustomerMerge",
            "keeps_whom_it_joins",
            "BEFORE UPDATE",
            condition=one_line("""
                WHEN (OLD."merged_id" IS DISTINCT FROM (NEW."merged_id")
                OR OLD."survivor_id" IS DISTINCT FROM (NEW."survivor_id")
                OR OLD."reason" IS DISTINCT FROM (NEW."reason")
                OR OLD."asked_by_id" IS DISTINCT FROM (NEW."asked_by_id")
                OR OLD."asked_at" IS DISTINCT FROM (NEW."asked_at"))
            """),
            func=REFUSE_UPDATE,
        ),
        trigger(
            "CustomerMerge",
            "stays_done",
            "BEFORE UPDATE",
            condition="""WHEN (OLD."state" IN ('done', 'objected', 'cancelled'))""",
            func=REFUSE_UPDATE,
        ),
        trigger(
            "CustomerMerge",
            "is_mailed_once",
            "BEFORE UPDATE",
            condition=one_line("""
                WHEN ((OLD."merged_mailed_at" IS NOT NULL
                AND OLD."merged_mailed_at" IS DISTINCT FROM (NEW."merged_mailed_at"))
                OR (OLD."survivor_mailed_at" IS NOT NULL
                AND OLD."survivor_mailed_at" IS DISTINCT FROM (NEW."survivor_mailed_at")))
            """),
            func=REFUSE_UPDATE,
        ),
        trigger(
            "CustomerMerge",
            "waits_for_both",
            "BEFORE UPDATE",
            condition="""WHEN (NEW."state" = 'done')""",
            func=WAITS_FOR_BOTH,
        ),
        trigger("Charge", "charges_a_customer", "BEFORE INSERT", func=CHARGES_A_CUSTOMER),
        trigger(
            "Charge",
            "is_booked",
            "AFTER INSERT",
            constraint="CONSTRAINT",
            timing="DEFERRABLE INITIALLY DEFERRED",
            func=IS_BOOKED,
        ),
        trigger(
            "CreditTransfer",
            "settles_its_charge",
            "BEFORE INSERT",
            condition='WHEN (NEW."charge_id" IS NOT NULL)',
            declare="DECLARE charged accounts_charge%ROWTYPE;",
            func=SETTLES_ITS_CHARGE,
        ),
        trigger(
            "CreditTransfer",
            "joins_customer_and_shop",
            "BEFORE INSERT",
            declare=one_line("""
                DECLARE
                debit accounts_creditaccount%ROWTYPE;
                credit accounts_creditaccount%ROWTYPE;
            """),
            func=JOINS_CUSTOMER_AND_SHOP,
        ),
        trigger(
            "CreditTransfer",
            "keeps_balances",
            "AFTER INSERT",
            level="STATEMENT",
            referencing="REFERENCING NEW TABLE AS new_rows ",
            func=KEEPS_BALANCES,
        ),
    ]
