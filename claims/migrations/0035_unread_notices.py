"""What a customer has read of the notices to them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0034_fill_notices"),
    ]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="read_at",
            field=models.DateTimeField(
                blank=True, help_text="When the customer saw its claim; none: unread.", null=True
            ),
        ),
    ]
