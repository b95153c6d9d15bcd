"""Check the constraints that replacements have changed, and say who of the staff may do what."""

import importlib

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations

permission = importlib.import_module("claims.migrations.0003_staff_groups").permission

CONSTRAINTS = [
    ("claim", "closed_claim_has_a_time"),
    ("decision", "decision_has_what_its_outcome_needs"),
    ("order", "order_is_paid_for_or_a_replacement"),
    ("order", "order_has_one_remedy"),
    ("order", "order_is_a_number_or_a_bare_top_up"),
]
SEE = "claims.view_replacement"
GROUPS = {
    "Support": [SEE],
    "Supervisor": [SEE, "claims.replace_again"],
    "Auditor": [SEE],
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
    atomic = False
    dependencies = [("claims", "0041_replacements")]

    operations = [
        *(ValidateConstraint(model_name=model, name=name) for model, name in CONSTRAINTS),
        migrations.RunPython(add_permissions, remove_permissions),
    ]
