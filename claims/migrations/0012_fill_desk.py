"""What the queue is filtered and sorted by, on the claims that are there already.

In batches with a commit after each, so that nothing waits long for a row.
"""

from django.db import migrations

BATCH = 5_000
FILL = """
UPDATE claims_claim AS claim
   SET service = coalesce(number.service, ''),
       country = coalesce(number.country, ''),
       supplier = coalesce(number.supplier, ''),
       channel = bought.channel,
       price_band = CASE WHEN bought.price <= 1 THEN 0 WHEN bought.price <= 5 THEN 1
                         WHEN bought.price <= 20 THEN 2 ELSE 3 END,
       due_at = claim.filed_at + CASE claim.kind
                WHEN 'major_defect' THEN version.repair_days * interval '24 hours'
                ELSE interval '24 hours' END,
       shown = CASE WHEN seen.pictures AND seen.videos THEN 'both' WHEN seen.pictures THEN 'pictures'
                    WHEN seen.videos THEN 'videos' ELSE '' END,
       is_failing = claim.closed_at IS NULL AND newest.findings @> '[{"outcome": "failed"}]',
       decision_id = decision.id
  FROM claims_claim AS self
  JOIN claims_order AS bought ON bought.id = self.order_id
  JOIN claims_policyversion AS version ON version.id = bought.policy_version_id
  LEFT JOIN claims_number AS number ON number.id = bought.number_id
  LEFT JOIN claims_decision AS decision ON decision.claim_id = self.id
  CROSS JOIN LATERAL (
       SELECT coalesce(bool_or(kind = 'screenshot'), false) AS pictures,
              coalesce(bool_or(kind = 'video'), false) AS videos
         FROM claims_evidence
         JOIN claims_upload AS upload ON upload.id = claims_evidence.upload_id
        WHERE claims_evidence.claim_id = self.id AND upload.state IN ('waiting', 'accepted')
  ) AS seen
  LEFT JOIN LATERAL (
       SELECT findings FROM claims_receipt WHERE claims_receipt.claim_id = self.id
        ORDER BY made_at DESC, id DESC LIMIT 1
  ) AS newest ON true
 WHERE self.id = claim.id AND claim.due_at IS NULL AND claim.id >= %s AND claim.id < %s
"""


def fill(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM claims_claim")
        (last,) = cursor.fetchone()
        for first in range(0, last + 1, BATCH):
            cursor.execute(FILL, [first, first + BATCH])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("claims", "0011_desk")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
