"""The SQL of the triggers of orders."""

from claims.models.refundable import refundable_sql

# The foreign key is checked, and its row locked, only at the commit. Until then a version that
# an order has just come under would look unused.
HOLD_POLICY_VERSION = """
PERFORM 1 FROM claims_policyversion WHERE id = NEW.policy_version_id FOR SHARE;
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
   OR NOT EXISTS (
       SELECT FROM claims_number AS sold JOIN claims_number AS provided USING (service, country)
        WHERE sold.id = defective.number_id AND provided.id = NEW.number_id
          AND (country <> '' OR lower(sold.country_sent) = lower(provided.country_sent))) THEN
    RAISE EXCEPTION 'a replacement is of the same customer, service, country and value';
END IF;
RETURN NEW;
"""  # noqa: S608  # only the names of columns are put in
