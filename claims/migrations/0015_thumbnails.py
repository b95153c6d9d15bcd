"""A role more, with a longer name. Making the column wider changes PostgreSQL's catalogue alone: no
row is read or written, and no index is built."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("claims", "0014_desk_groups")]

    operations = [
        migrations.AlterField(
            model_name="rendition",
            name="role",
            field=models.CharField(
                choices=[
                    ("picture", "picture"),
                    ("video", "video"),
                    ("poster", "poster"),
                    ("thumbnail", "thumbnail"),
                ],
                max_length=12,
            ),
        ),
    ]
