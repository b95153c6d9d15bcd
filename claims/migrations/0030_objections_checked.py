"""One objection for each claim. The index is built beside the writers, so outside a transaction."""

from django.db import migrations, models

# What a build that was interrupted has left is of no use.
DROP = "DROP INDEX CONCURRENTLY IF EXISTS repair_is_objected_to_once"
BUILD = """
CREATE UNIQUE INDEX CONCURRENTLY repair_is_objected_to_once
ON claims_event (claim_id) WHERE kind = 'objected'
"""


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("claims", "0029_objections")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL((DROP, BUILD), DROP)],
            state_operations=[
                migrations.AddConstraint(
                    model_name="event",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("kind", "objected")),
                        fields=("claim",),
                        name="repair_is_objected_to_once",
                    ),
                ),
            ],
        ),
    ]
