"""What is true of every claim that is asked from now on; checked by 0026."""

from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("claims", "0024_fill_asked_at")]

    operations = [
        AddIndexConcurrently(
            model_name="claim",
            index=models.Index(
                condition=models.Q(("status", "waiting_customer")),
                fields=["asked_at", "id"],
                name="waiting_claims_by_asking",
            ),
        ),
        AddConstraintNotValid(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "waiting_customer"), _negated=True),
                    ("asked_at__isnull", False),
                    _connector="OR",
                ),
                name="claim_that_waits_was_asked",
            ),
        ),
        AddConstraintNotValid(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("by__isnull", False), ("outcome", "rejection"), _connector="OR"
                ),
                name="only_a_rejection_is_nobodys",
            ),
        ),
    ]
