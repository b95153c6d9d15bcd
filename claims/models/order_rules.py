"""Conditions and triggers that the database holds for orders."""

from django.db.models import F, Q

from claims.models.refundable import refundable_sql

# The foreign key is checked, and its row locked, only at the commit. Until then a version that
# an order has just come under would look unused.
HOLD_POLICY_VERSION = """
PERFORM 1 FROM claims_policyversion WHERE id = NEW.policy_version_id FOR SHARE;
RETURN NEW;
"""

# A replacement shares the charge of what it replaces, so all of them together go back once.
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

# Makes a replacement match the defective order in customer, currency, value, service and country,
# whether an action or a shell writes it.
IS_EQUIVALENT = f"""
SELECT * INTO defective FROM claims_order WHERE id = NEW.replaces_id;
IF defective.replaced_at IS NULL
   OR (defective.customer_id, defective.currency, {refundable_sql("defective")})
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
"""  # noqa: S608  # only the names of columns are put in

ACTIVATIONS = ["waiting", "sms_received", "completed", "cancelled", "timed_out", "banned"]
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
RETURNED = (
    Q(returned_at__isnull=True, return_transfer__isnull=True)
    | Q(returned_at__isnull=False, return_transfer__isnull=False)
    # Nothing moves when an order that cost nothing goes back.
    | (
        Q(returned_at__isnull=False, return_transfer__isnull=True, price=0)
        & (Q(value__isnull=True) | Q(value=0))
    )
)
