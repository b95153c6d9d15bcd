"""The return policy that is in force from 1 April 2026 on, as the first policy version.

A way back is refused by the database once an order was bought under it.
"""

from django.db import migrations

ADD = """
INSERT INTO claims_policyversion (
    name, effective_from, terms_version, claim_days, repair_days, time_zone, reason_min_length
) VALUES (
    '2026-04-01', '2026-04-01 00:00 UTC', '2026-04-01', 5, 5, 'UTC', 20
)
"""
REMOVE = "DELETE FROM claims_policyversion WHERE name = '2026-04-01'"


class Migration(migrations.Migration):
    dependencies = [("claims", "0013_groups")]

    operations = [migrations.RunSQL(ADD, REMOVE)]
