"""The hash of each piece. Pieces that wait in the spool already have none."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("claims", "0015_thumbnails")]

    operations = [
        migrations.AddField(
            model_name="piece",
            name="sha256",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Of these bytes; empty when it came before hashes did.",
                max_length=64,
            ),
            preserve_default=False,
        ),
    ]
