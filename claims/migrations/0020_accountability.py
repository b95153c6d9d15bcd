"""How events and decisions are found by time, and who may read what anybody did on a day."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

INDEXES = [
    ("event", models.Index(fields=["at", "id"], name="events_by_time")),
    ("event", models.Index(fields=["kind", "at", "id"], name="events_by_kind")),
    ("decision", models.Index(fields=["decided_at"], name="decisions_by_time")),
]
PERMISSION = "read_days", "Can read what anybody did on a day"
GROUPS = ["Supervisor", "Auditor"]


def add_permission(apps, schema_editor):
    ContentType = apps.get_model("contenttypes", "ContentType")
    content_type, _made = ContentType.objects.get_or_create(app_label="claims", model="event")
    codename, name = PERMISSION
    permission, _made = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type, codename=codename, defaults={"name": name}
    )
    for name in GROUPS:
        group, _made = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        group.permissions.add(permission)


def remove_permission(apps, schema_editor):
    """With the permission go the groups' rows that name it."""
    permissions = apps.get_model("auth", "Permission").objects
    permissions.filter(content_type__app_label="claims", codename=PERMISSION[0]).delete()


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("claims", "0019_queue")]

    operations = [
        migrations.AlterModelOptions(
            name="event",
            options={"ordering": ["at", "id"], "permissions": [PERMISSION]},
        ),
        *(AddIndexConcurrently(model_name=model, index=index) for model, index in INDEXES),
        migrations.RunPython(add_permission, remove_permission, atomic=True),
    ]
