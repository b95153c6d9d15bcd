"""Indexes for closed claims by their filing, and for orders by how their id begins.

Not atomic: they are built beside whoever writes.
"""

from django.contrib.postgres.indexes import OpClass
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("claims", "0018_incident_groups")]

    operations = [
        AddIndexConcurrently(
            model_name="claim",
            index=models.Index(
                fields=["-filed_at", "-id"],
                condition=models.Q(closed_at__isnull=False),
                name="closed_claims_by_filing",
            ),
        ),
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(
                OpClass(Lower("shop_id"), name="text_pattern_ops"), name="orders_by_id_beginning"
            ),
        ),
    ]
