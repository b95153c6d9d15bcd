"""When the shop said what it says of supplier and allotted time, apart from how far the order is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0035_unread_notices"),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="described_at",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="Of the newest report on supplier and allotted time;"
                " none: the newest of all.",
                null=True,
            ),
        ),
    ]
