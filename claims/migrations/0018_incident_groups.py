"""What an incident's claims were seen as, who stopped it, and the index that finds its group.

Not atomic: the index is built beside the writers of a full table.
"""

import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("claims", "0017_upload_metadata"),
    ]

    operations = [
        migrations.AddField(
            model_name="incident",
            name="stopped_by",
            field=models.ForeignKey(
                blank=True,
                help_text="Who stopped it; nobody while it goes on.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="incidentclaim",
            name="seen",
            field=models.PositiveBigIntegerField(
                default=0, help_text="The newest event that the reviewer had before them."
            ),
        ),
        AddIndexConcurrently(
            model_name="claim",
            index=models.Index(
                fields=["supplier", "service", "country", "filed_at"],
                condition=models.Q(kind="sms_not_received"),
                name="missing_sms_by_supply",
            ),
        ),
    ]
