"""What holds for uploads in pieces. The checks of rows that are there block no writer: see 0007."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("claims", "0005_fill_pieces")]

    operations = [
        migrations.RemoveField(
            model_name="upload",
            name="spool_name",
        ),
        AddConstraintNotValid(
            model_name="upload",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("inspected_at__isnull", True), ("state__in", ["receiving", "waiting"])
                    ),
                    models.Q(
                        ("inspected_at__isnull", False), ("state__in", ["accepted", "refused"])
                    ),
                    ("state", "removed"),
                    _connector="OR",
                ),
                name="inspected_upload_has_a_time",
            ),
        ),
        AddConstraintNotValid(
            model_name="upload",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("removed_at__isnull", False), ("state", "removed")),
                    models.Q(
                        models.Q(("state", "removed"), _negated=True), ("removed_at__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="removed_upload_has_a_time",
            ),
        ),
        AddConstraintNotValid(
            model_name="upload",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("received", models.F("size")),
                    models.Q(
                        ("received__lt", models.F("size")), ("state__in", ["receiving", "removed"])
                    ),
                    _connector="OR",
                ),
                name="upload_is_inspected_whole",
            ),
        ),
        AddConstraintNotValid(
            model_name="upload",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["receiving", "removed"]),
                    ("kind__in", ["screenshot", "video"]),
                    _connector="OR",
                ),
                name="whole_upload_has_a_kind",
            ),
        ),
        AddConstraintNotValid(
            model_name="upload",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "accepted"), _negated=True),
                    models.Q(("sha256", ""), _negated=True),
                    _connector="OR",
                ),
                name="accepted_upload_has_a_hash",
            ),
        ),
    ]
