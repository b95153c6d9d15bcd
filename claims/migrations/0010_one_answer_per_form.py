"""One answer for each form. The index is built beside the writers, so outside a transaction."""

from django.db import migrations, models

# What a build that was interrupted has left is of no use.
DROP = "DROP INDEX CONCURRENTLY IF EXISTS one_answer_per_form"
BUILD = """
CREATE UNIQUE INDEX CONCURRENTLY one_answer_per_form
ON claims_event (claim_id, submission) WHERE submission IS NOT NULL
"""


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("claims", "0009_answer_forms")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL((DROP, BUILD), DROP),
            ],
            state_operations=[
                migrations.AddConstraint(
                    model_name="event",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("submission__isnull", False)),
                        fields=("claim", "submission"),
                        name="one_answer_per_form",
                    ),
                ),
            ],
        ),
    ]
