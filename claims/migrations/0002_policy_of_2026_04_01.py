"""The return policy that is in force from 1 April 2026 on, as the first policy version."""

from datetime import UTC, datetime

from django.db import migrations


def add_version(apps, schema_editor):
    apps.get_model("claims", "PolicyVersion").objects.create(
        name="2026-04-01",
        effective_from=datetime(2026, 4, 1, tzinfo=UTC),
        terms_version="2026-04-01",
        claim_days=5,
        repair_days=5,
        time_zone="UTC",
        reason_min_length=20,
    )


def remove_version(apps, schema_editor):
    apps.get_model("claims", "PolicyVersion").objects.filter(name="2026-04-01").delete()


class Migration(migrations.Migration):
    dependencies = [("claims", "0001_initial")]

    operations = [migrations.RunPython(add_version, remove_version)]
