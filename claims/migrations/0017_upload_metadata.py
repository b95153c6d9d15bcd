"""What a client says of an upload, as it wrote it: added empty, and told again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("claims", "0016_piece_hashes")]

    operations = [
        migrations.AddField(
            model_name="upload",
            name="metadata",
            field=models.CharField(
                blank=True,
                editable=False,
                help_text="What its sender said of it (Upload-Metadata), to be told again.",
                max_length=8192,
            ),
        ),
    ]
