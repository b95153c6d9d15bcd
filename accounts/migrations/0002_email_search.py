"""People by how their address begins. Built beside the writers, so outside a transaction."""

from django.contrib.postgres.indexes import OpClass
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0001_initial")]

    operations = [
        AddIndexConcurrently(
            model_name="user",
            index=models.Index(
                OpClass("email", name="varchar_pattern_ops"), name="users_by_email_beginning"
            ),
        ),
    ]
