"""Every upload that is here came whole: one piece, if it still waits in the spool.

In batches with a commit after each, so that nothing waits long for a row.
"""

from django.db import migrations
from django.db.models import F

BATCH = 5_000


def fill(apps, schema_editor):
    Upload = apps.get_model("claims", "Upload")
    last = Upload.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for first in range(0, last + 1, BATCH):
        batch = Upload.objects.filter(pk__gte=first, pk__lt=first + BATCH)
        batch.update(received=F("size"))
        _fill_pieces(apps, batch.exclude(spool_name="").filter(pieces__isnull=True))


def _fill_pieces(apps, uploads):
    Piece = apps.get_model("claims", "Piece")
    Piece.objects.bulk_create(
        Piece(upload_id=pk, offset=0, size=size, name=name)
        for pk, size, name in uploads.values_list("pk", "size", "spool_name")
    )


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("claims", "0004_uploads_in_pieces")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
