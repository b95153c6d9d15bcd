"""The groups of the staff and what each may do.

Django makes the permission rows only after all migrations, so they are made here first.
"""

from django.db import migrations

READ = {
    "claims": [
        "claim",
        "decision",
        "event",
        "evidence",
        "message",
        "number",
        "order",
        "policyversion",
        "receipt",
        "rendition",
        "upload",
    ],
    "accounts": ["user", "creditaccount", "credittransfer"],
}
SEE_ALL = [f"{app}.view_{model}" for app, models in READ.items() for model in models]
DESK = [*SEE_ALL, "claims.review_claim"]

GROUPS = {
    "Support": DESK,
    "Supervisor": [
        *DESK,
        "claims.give_goodwill",
        "claims.add_policyversion",
        "claims.change_policyversion",
    ],
    "Reports": ["claims.view_claim", "claims.export_claims"],
    "Auditor": SEE_ALL,
}


def add_groups(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    for name, permissions in GROUPS.items():
        group, _made = Group.objects.get_or_create(name=name)
        group.permissions.add(*(permission(apps, label) for label in permissions))


def permission(apps, label):
    app, codename = label.split(".")
    model = codename.partition("_")[2]
    ContentType = apps.get_model("contenttypes", "ContentType")
    content_type, _made = ContentType.objects.get_or_create(
        app_label=app, model="claim" if codename in OF_CLAIM else model
    )
    found, _made = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type,
        codename=codename,
        defaults={"name": NAMES.get(codename, f"Can {codename.replace('_', ' ')}")},
    )
    return found


NAMES = {
    "review_claim": "Can review and decide claims",
    "give_goodwill": "Can credit goodwill outside the policy",
    "export_claims": "Can export claims",
    "reopen_claim": "Can reopen a rejected claim",
}
OF_CLAIM = set(NAMES)


def remove_groups(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=GROUPS).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0002_policy_of_2026_04_01"),
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(add_groups, remove_groups)]
