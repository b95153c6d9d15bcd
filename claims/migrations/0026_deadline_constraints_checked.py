"""Holds the claims and decisions that were there before against the constraints of 0025."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("claims", "0025_deadline_constraints")]

    operations = [
        ValidateConstraint(model_name="claim", name="claim_that_waits_was_asked"),
        ValidateConstraint(model_name="decision", name="only_a_rejection_is_nobodys"),
    ]
