"""Since when the claims that wait for their customers already do so.

Few claims wait at a time, so one statement does it.
"""

from django.db import migrations

FILL = """
UPDATE claims_claim AS claim
   SET asked_at = coalesce(
       (SELECT max(at) FROM claims_event AS event
         WHERE event.claim_id = claim.id
           AND event.kind IN ('evidence_requested', 'evidence_refused')),
       claim.filed_at
   )
 WHERE status = 'waiting_customer' AND asked_at IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("claims", "0023_deadlines")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
