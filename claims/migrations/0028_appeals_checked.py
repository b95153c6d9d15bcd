"""One appeal for each claim. The index is built beside the writers, so outside a transaction."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations, models

# What a build that was interrupted has left is of no use.
DROP = "DROP INDEX CONCURRENTLY IF EXISTS claim_is_appealed_only_once"
BUILD = """
CREATE UNIQUE INDEX CONCURRENTLY claim_is_appealed_only_once
ON claims_event (claim_id) WHERE kind = 'appealed'
"""


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("claims", "0027_appeals")]

    operations = [
        ValidateConstraint(model_name="decision", name="claim_is_decided_a_few_times"),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL((DROP, BUILD), DROP)],
            state_operations=[
                migrations.AddConstraint(
                    model_name="event",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("kind", "appealed")),
                        fields=("claim",),
                        name="claim_is_appealed_only_once",
                    ),
                ),
            ],
        ),
    ]
