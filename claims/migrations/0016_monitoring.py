"""The tables and indexes of those who watch the portal."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("claims", "0015_services")]

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("queue", models.CharField(max_length=128, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(
                fields=["received_at"], condition=Q(state="waiting"), name="uploads_that_wait"
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                fields=["made_at"],
                condition=Q(state__in=["waiting", "sending"]),
                name="notices_that_wait",
            ),
        ),
    ]  # fmt: skip
