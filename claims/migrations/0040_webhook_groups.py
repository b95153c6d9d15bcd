"""Who of the staff may read what the shop is told, and settle what it didn't take."""

import importlib

from django.db import migrations

permission = importlib.import_module("claims.migrations.0003_staff_groups").permission

SEE = ["claims.view_webhook", "claims.view_acknowledgement"]
GROUPS = {
    "Support": SEE,
    "Supervisor": [*SEE, "claims.settle_webhook"],
    "Auditor": SEE,
}


def add_permissions(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    for name, codes in GROUPS.items():
        group, _made = Group.objects.get_or_create(name=name)
        group.permissions.add(*(permission(apps, code) for code in codes))


def remove_permissions(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    for name, codes in GROUPS.items():
        for group in Group.objects.filter(name=name):
            group.permissions.remove(*(permission(apps, code) for code in codes))


class Migration(migrations.Migration):
    dependencies = [("claims", "0039_webhooks")]

    operations = [migrations.RunPython(add_permissions, remove_permissions)]
