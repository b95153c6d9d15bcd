"""The number of the form that an answer came with: what is added. 0010 holds it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("claims", "0008_fingerprints")]

    operations = [
        migrations.AddField(
            model_name="event",
            name="submission",
            field=models.UUIDField(
                blank=True,
                editable=False,
                help_text="Of the form that an answer came with, so that a form sent twice is one answer.",
                null=True,
            ),
        ),
    ]
