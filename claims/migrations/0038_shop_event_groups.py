"""Who of the staff may read what the shop told."""

import importlib

from django.db import migrations

permission = importlib.import_module("claims.migrations.0003_staff_groups").permission

GROUPS = ["Support", "Supervisor", "Auditor"]
SEE = "claims.view_shopevent"


def add_permissions(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    for name in GROUPS:
        group, _made = Group.objects.get_or_create(name=name)
        group.permissions.add(permission(apps, SEE))


def remove_permissions(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    for group in Group.objects.filter(name__in=GROUPS):
        group.permissions.remove(permission(apps, SEE))


class Migration(migrations.Migration):
    dependencies = [("claims", "0037_shop_events")]

    operations = [migrations.RunPython(add_permissions, remove_permissions)]
