"""What uploads look like, and an index on the hashes of their originals.

Not atomic: the index on a full table is built beside its writers.
"""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("claims", "0007_whole_uploads_checked")]

    operations = [
        # What a build that was interrupted has left is of no use.
        migrations.RunSQL(
            "DROP INDEX CONCURRENTLY IF EXISTS uploads_by_hash", migrations.RunSQL.noop
        ),
        AddIndexConcurrently(
            model_name="upload",
            index=models.Index(
                fields=["sha256"], condition=~models.Q(sha256=""), name="uploads_by_hash"
            ),
        ),
        migrations.CreateModel(
            name="Fingerprint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "position",
                    models.PositiveSmallIntegerField(help_text="Counts the frames of a video."),
                ),
                ("bits", models.CharField(help_text="In hexadecimal digits.", max_length=64)),
                (
                    "bands",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(),
                        help_text="The bits, cut into numbers that an index can find.",
                        size=None,
                    ),
                ),
                (
                    "upload",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="fingerprints",
                        to="claims.upload",
                    ),
                ),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fastupdate=False, fields=["bands"], name="fingerprints_by_band"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("upload", "position"), name="one_fingerprint_per_frame"
                    )
                ],
            },
        ),
    ]
