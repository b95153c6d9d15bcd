"""What each group of the staff may do at the desk."""

import importlib

from django.db import migrations

permission = importlib.import_module("claims.migrations.0003_staff_groups").permission

SEEN = ["approval", "approvallimit", "cannedreply", "incident", "incidentclaim", "lease", "note"]
SEE_ALL = [f"claims.view_{model}" for model in SEEN]
GROUPS = {
    "Support": SEE_ALL,
    "Supervisor": [
        *SEE_ALL,
        "claims.reopen_claim",
        "claims.add_cannedreply",
        "claims.change_cannedreply",
        "claims.delete_cannedreply",
    ],
    "Auditor": SEE_ALL,
}


def add_permissions(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    for name, permissions in GROUPS.items():
        group, _made = Group.objects.get_or_create(name=name)
        group.permissions.add(*(permission(apps, label) for label in permissions))


def remove_permissions(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    for name, permissions in GROUPS.items():
        group = Group.objects.filter(name=name).first()
        if group:
            group.permissions.remove(*(permission(apps, label) for label in permissions))


class Migration(migrations.Migration):
    dependencies = [("claims", "0013_desk_indexes")]

    operations = [migrations.RunPython(add_permissions, remove_permissions)]
