"""What the clauses said, on the claims that are there already, out of each one's newest receipt.

In batches with a commit after each, so that nothing waits long for a row.
"""

from django.db import migrations

BATCH = 5_000
FILL = """
UPDATE claims_claim AS claim
   SET outcomes = (
       SELECT string_agg(found ->> 'clause' || '=' || (found ->> 'outcome'), ' ' ORDER BY place)
         FROM jsonb_array_elements(newest.findings) WITH ORDINALITY AS each (found, place)
   )
  FROM claims_claim AS self
 CROSS JOIN LATERAL (
       SELECT findings FROM claims_receipt WHERE claims_receipt.claim_id = self.id
        ORDER BY made_at DESC, id DESC LIMIT 1
  ) AS newest
 WHERE self.id = claim.id AND claim.outcomes = '' AND claim.id >= %s AND claim.id < %s
"""


def fill(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM claims_claim")
        (last,) = cursor.fetchone()
        for first in range(0, last + 1, BATCH):
            cursor.execute(FILL, [first, first + BATCH])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("claims", "0021_outcomes")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
