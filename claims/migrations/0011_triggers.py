"""The triggers of claims: what was agreed stays, and no decision passes the people it takes."""

from hashlib import sha1

from django.db import migrations
from pgtrigger.compiler import Trigger, UpsertTriggerSql
from pgtrigger.migrations import AddTrigger

IS_IN_THE_CATALOGUE = """
IF NOT EXISTS (SELECT FROM claims_service WHERE slug = NEW.service) THEN
    RAISE EXCEPTION 'the catalogue has no service %', NEW.service;
END IF;
RETURN NEW;
"""
REFUSE_UPDATE = "RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;"
IS_KEPT_ONCE_USED = """
IF EXISTS (SELECT 1 FROM claims_order WHERE policy_version_id = OLD.id) THEN
    RAISE EXCEPTION 'orders were bought under policy version %; add a newer one', OLD.name;
END IF;
IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
RETURN NEW;
"""
HOLDS_ITS_POLICY_VERSION = """
PERFORM 1 FROM claims_policyversion WHERE id = NEW.policy_version_id FOR SHARE;
RETURN NEW;
"""
REPLACES_BY_WHAT_IS_EQUIVALENT = """
SELECT * INTO defective FROM claims_order WHERE id = NEW.replaces_id;
IF defective.replaced_at IS NULL
   OR (defective.customer_id, defective.currency, coalesce(defective.value, defective.price))
      <> (NEW.customer_id, NEW.currency, NEW.value)
   OR NEW.origin_id <> coalesce(defective.origin_id, defective.id)
   OR NEW.charge_id <> defective.charge_id
   OR NOT EXISTS (
       SELECT FROM claims_number AS sold JOIN claims_number AS provided USING (service, country)
        WHERE sold.id = defective.number_id AND provided.id = NEW.number_id
          AND (country <> '' OR lower(sold.country_sent) = lower(provided.country_sent))) THEN
    RAISE EXCEPTION 'a replacement is of the same customer, service, country and value';
END IF;
RETURN NEW;
"""
IS_WHAT_WAS_CHARGED = """
IF NOT EXISTS (
    SELECT FROM accounts_charge AS charge
      JOIN accounts_creditaccount AS account ON account.id = charge.account_id
     WHERE charge.id = NEW.charge_id AND account.owner_id = NEW.customer_id
       AND (charge.reference, charge.currency, charge.amount)
           = (NEW.shop_id, NEW.currency, NEW.price)
       AND (charge.kind = 'top_up') = (NEW.product = 'top_up')) THEN
    RAISE EXCEPTION 'an order is what its customer was charged for';
END IF;
RETURN NEW;
"""
CHANGES_OWNER_BY_MERGE = """
IF NOT EXISTS (SELECT FROM accounts_customermerge AS done
                WHERE done.state = 'done' AND done.merged_id = OLD.customer_id
                  AND done.survivor_id = NEW.customer_id) THEN
    RAISE EXCEPTION 'only a merge gives this to another person';
END IF;
RETURN NEW;
"""
COMES_TO_NOBODY_MERGED = """
IF EXISTS (SELECT FROM accounts_customermerge AS done
            WHERE done.state = 'done' AND done.merged_id = NEW.customer_id) THEN
    RAISE EXCEPTION 'this customer has become another person';
END IF;
RETURN NEW;
"""
REFUNDS_WHAT_WAS_PAID = """
IF EXISTS (
    SELECT FROM claims_claim AS claim
      JOIN claims_order AS bought ON bought.id = claim.order_id
      JOIN accounts_charge AS charge ON charge.id = bought.charge_id
     WHERE claim.id = NEW.claim_id AND charge.amount > 0
) THEN
    RAISE EXCEPTION 'a refund moves the price back';
END IF;
RETURN NEW;
"""
TAKES_TWO_ABOVE_THE_LIMIT = """
SELECT amount, currency INTO paid FROM accounts_credittransfer WHERE id = NEW.transfer_id;
IF EXISTS (
    SELECT 1 FROM claims_approvallimit AS most
     WHERE most.currency = paid.currency AND paid.amount > most.amount
) AND NOT EXISTS (
    SELECT 1 FROM claims_approval AS first
     WHERE first.id = NEW.approval_id AND first.claim_id = NEW.claim_id
       AND first.by_id <> NEW.by_id AND first.outcome = NEW.outcome AND first.amount = paid.amount
) THEN
    RAISE EXCEPTION 'more than the approval limit takes two people';
END IF;
RETURN NEW;
"""
TAKES_ANOTHER_AFTER_AN_APPEAL = """
IF EXISTS (
    SELECT 1 FROM claims_event AS appeal
      JOIN claims_decision AS earlier ON earlier.claim_id = appeal.claim_id
     WHERE appeal.claim_id = NEW.claim_id AND appeal.kind = 'appealed'
       AND earlier.decided_at <= appeal.at AND earlier.by_id = NEW.by_id
) THEN
    RAISE EXCEPTION 'an appeal is decided by another person';
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
    dependencies = [("claims", "0010_status_moves")]

    operations = [
        trigger(
            "PolicyVersion", "is_kept_once_used", "BEFORE UPDATE OR DELETE", func=IS_KEPT_ONCE_USED
        ),
        trigger(
            "Number",
            "keeps_what_was_sold",
            "BEFORE UPDATE",
            condition=one_line("""
                WHEN (OLD."phone" IS DISTINCT FROM (NEW."phone")
                OR OLD."country" IS DISTINCT FROM (NEW."country")
                OR OLD."phone_sent" IS DISTINCT FROM (NEW."phone_sent")
                OR OLD."service_sent" IS DISTINCT FROM (NEW."service_sent")
                OR OLD."country_sent" IS DISTINCT FROM (NEW."country_sent"))
            """),
            func=REFUSE_UPDATE,
        ),
        trigger(
            "Number",
            "keeps_its_service",
            "BEFORE UPDATE",
            condition=one_line("""
                WHEN (OLD."service" IS NOT NULL
                AND OLD."service" IS DISTINCT FROM (NEW."service"))
            """),
            func=REFUSE_UPDATE,
        ),
        trigger(
            "Service",
            "keeps_slug_and_rules",
            "BEFORE UPDATE",
            condition=one_line("""
                WHEN (OLD."slug" IS DISTINCT FROM (NEW."slug")
                OR OLD."follows_telegram_rules" IS DISTINCT FROM (NEW."follows_telegram_rules"))
            """),
            func=REFUSE_UPDATE,
        ),
        trigger(
            "Claim",
            "names_a_known_service",
            'BEFORE INSERT OR UPDATE OF "service"',
            condition="""WHEN (NOT (NEW."service" = ''))""",
            func=IS_IN_THE_CATALOGUE,
        ),
        trigger(
            "Order", "holds_its_policy_version", "BEFORE INSERT", func=HOLDS_ITS_POLICY_VERSION
        ),
        trigger(
            "Order",
            "keeps_what_was_bought",
            "BEFORE UPDATE",
            condition=one_line("""
                WHEN (OLD."shop_id" IS DISTINCT FROM (NEW."shop_id")
                OR OLD."product" IS DISTINCT FROM (NEW."product")
                OR OLD."channel" IS DISTINCT FROM (NEW."channel")
                OR OLD."charge_id" IS DISTINCT FROM (NEW."charge_id")
                OR OLD."price" IS DISTINCT FROM (NEW."price")
                OR OLD."currency" IS DISTINCT FROM (NEW."currency")
                OR OLD."purchased_at" IS DISTINCT FROM (NEW."purchased_at")
                OR OLD."policy_version_id" IS DISTINCT FROM (NEW."policy_version_id")
                OR OLD."claims_close_at" IS DISTINCT FROM (NEW."claims_close_at")
                OR OLD."replaces_id" IS DISTINCT FROM (NEW."replaces_id")
                OR OLD."origin_id" IS DISTINCT FROM (NEW."origin_id")
                OR OLD."value" IS DISTINCT FROM (NEW."value")
                OR OLD."list_price" IS DISTINCT FROM (NEW."list_price"))
            """),
            func=REFUSE_UPDATE,
        ),
        trigger(
            "Order",
            "changes_owner_by_merge",
            "BEFORE UPDATE",
            condition='WHEN (OLD."customer_id" IS DISTINCT FROM (NEW."customer_id"))',
            func=CHANGES_OWNER_BY_MERGE,
        ),
        trigger("Order", "comes_to_nobody_merged", "BEFORE INSERT", func=COMES_TO_NOBODY_MERGED),
        trigger(
            "Order",
            "never_becomes_history",
            "BEFORE UPDATE",
            condition='WHEN (NEW."is_history" AND NOT OLD."is_history")',
            func=REFUSE_UPDATE,
        ),
        trigger(
            "Order",
            "is_what_was_charged",
            "BEFORE INSERT",
            condition='WHEN (NEW."replaces_id" IS NULL)',
            func=IS_WHAT_WAS_CHARGED,
        ),
        trigger(
            "Order",
            "replaces_by_what_is_equivalent",
            "BEFORE INSERT",
            declare="DECLARE defective claims_order%ROWTYPE;",
            condition='WHEN (NEW."replaces_id" IS NOT NULL)',
            func=REPLACES_BY_WHAT_IS_EQUIVALENT,
        ),
        trigger(
            "Order",
            "keeps_its_replacement",
            "BEFORE UPDATE",
            condition=one_line("""
                WHEN (OLD."replaced_at" IS NOT NULL
                AND OLD."replaced_at" IS DISTINCT FROM (NEW."replaced_at"))
            """),
            func=REFUSE_UPDATE,
        ),
        trigger(
            "Order",
            "keeps_its_return",
            "BEFORE UPDATE",
            condition=one_line("""
                WHEN (OLD."returned_at" IS NOT NULL
                AND (OLD."returned_at" IS DISTINCT FROM (NEW."returned_at")
                OR OLD."return_transfer_id" IS DISTINCT FROM (NEW."return_transfer_id")))
            """),
            func=REFUSE_UPDATE,
        ),
        trigger(
            "Claim",
            "keeps_what_was_filed",
            "BEFORE UPDATE",
            condition=one_line("""
                WHEN (OLD."code" IS DISTINCT FROM (NEW."code")
                OR OLD."order_id" IS DISTINCT FROM (NEW."order_id")
                OR OLD."kind" IS DISTINCT FROM (NEW."kind")
                OR OLD."reason" IS DISTINCT FROM (NEW."reason")
                OR OLD."customer_two_factor" IS DISTINCT FROM (NEW."customer_two_factor")
                OR OLD."terms_version" IS DISTINCT FROM (NEW."terms_version")
                OR OLD."proof_code" IS DISTINCT FROM (NEW."proof_code")
                OR OLD."filed_at" IS DISTINCT FROM (NEW."filed_at")
                OR OLD."submission" IS DISTINCT FROM (NEW."submission")
                OR OLD."country" IS DISTINCT FROM (NEW."country")
                OR OLD."supplier" IS DISTINCT FROM (NEW."supplier")
                OR OLD."price_band" IS DISTINCT FROM (NEW."price_band"))
            """),
            func=REFUSE_UPDATE,
        ),
        trigger(
            "Notice",
            "keeps_what_it_is_about",
            "BEFORE UPDATE",
            condition=one_line("""
                WHEN (OLD."event_id" IS DISTINCT FROM (NEW."event_id")
                OR OLD."message_id" IS DISTINCT FROM (NEW."message_id")
                OR OLD."made_at" IS DISTINCT FROM (NEW."made_at"))
            """),
            func=REFUSE_UPDATE,
        ),
        trigger(
            "Decision",
            "takes_two_above_the_limit",
            "BEFORE INSERT",
            declare="DECLARE paid record;",
            condition='WHEN (NEW."transfer_id" IS NOT NULL)',
            func=TAKES_TWO_ABOVE_THE_LIMIT,
        ),
        trigger(
            "Decision",
            "refunds_what_was_paid",
            "BEFORE INSERT",
            condition=one_line("""
                WHEN (NEW."outcome" = 'refund' AND NEW."transfer_id" IS NULL)
            """),
            func=REFUNDS_WHAT_WAS_PAID,
        ),
        trigger(
            "Decision",
            "takes_another_after_an_appeal",
            "BEFORE INSERT",
            condition='WHEN (NEW."round" > 1)',
            func=TAKES_ANOTHER_AFTER_AN_APPEAL,
        ),
        trigger(
            "Offer",
            "keeps_what_was_offered",
            "BEFORE UPDATE",
            condition=one_line("""
                WHEN (OLD."claim_id" IS DISTINCT FROM (NEW."claim_id")
                OR OLD."answers" IS DISTINCT FROM (NEW."answers")
                OR OLD."note" IS DISTINCT FROM (NEW."note")
                OR OLD."by_id" IS DISTINCT FROM (NEW."by_id")
                OR OLD."approval_id" IS DISTINCT FROM (NEW."approval_id")
                OR OLD."made_at" IS DISTINCT FROM (NEW."made_at")
                OR OLD."answer_by" IS DISTINCT FROM (NEW."answer_by"))
            """),
            func=REFUSE_UPDATE,
        ),
        trigger(
            "Offer",
            "is_answered_once",
            "BEFORE UPDATE",
            condition="""WHEN (NOT (OLD."choice" = ''))""",
            func=REFUSE_UPDATE,
        ),
        trigger(
            "Replacement",
            "keeps_what_was_requested",
            "BEFORE UPDATE",
            condition=one_line("""
                WHEN (OLD."request_id" IS DISTINCT FROM (NEW."request_id")
                OR OLD."claim_id" IS DISTINCT FROM (NEW."claim_id")
                OR OLD."offer_id" IS DISTINCT FROM (NEW."offer_id")
                OR OLD."made_at" IS DISTINCT FROM (NEW."made_at")
                OR OLD."answer_by" IS DISTINCT FROM (NEW."answer_by"))
            """),
            func=REFUSE_UPDATE,
        ),
        trigger(
            "Replacement",
            "is_settled_once",
            "BEFORE UPDATE",
            condition="""WHEN (NOT (OLD."state" = 'requested'))""",
            func=REFUSE_UPDATE,
        ),
        trigger(
            "Incident",
            "keeps_what_was_answered",
            "BEFORE UPDATE",
            condition=one_line("""
                WHEN (OLD."supplier" IS DISTINCT FROM (NEW."supplier")
                OR OLD."service" IS DISTINCT FROM (NEW."service")
                OR OLD."country" IS DISTINCT FROM (NEW."country")
                OR OLD."hour" IS DISTINCT FROM (NEW."hour")
                OR OLD."because" IS DISTINCT FROM (NEW."because")
                OR OLD."answers" IS DISTINCT FROM (NEW."answers")
                OR OLD."note" IS DISTINCT FROM (NEW."note")
                OR OLD."by_id" IS DISTINCT FROM (NEW."by_id")
                OR OLD."answered_at" IS DISTINCT FROM (NEW."answered_at"))
            """),
            func=REFUSE_UPDATE,
        ),
    ]
