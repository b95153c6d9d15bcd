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
        migrations.CreateModel(
            name="JobCount",
            fields=[
                ("id", models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                )),
                ("queue", models.CharField(max_length=128)),
                ("task", models.CharField(max_length=128)),
                ("outcome", models.CharField(
                    choices=[("succeeded", "Succeeded"), ("retried", "Retried"),
                             ("failed", "Failed")],
                    max_length=9,
                )),
                ("bucket", models.CharField(
                    help_text="The most seconds of these runs, or +Inf.", max_length=8
                )),
                ("count", models.PositiveBigIntegerField()),
                ("seconds", models.FloatField(help_text="Of all these runs together.")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["task", "queue", "outcome", "bucket"],
                        name="one_count_per_kind_of_run",
                    ),
                ],
            },
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
