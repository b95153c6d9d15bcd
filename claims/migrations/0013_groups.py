"""The groups of the staff, and what each may do."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

SEE_ALL = [
    "accounts.view_balancesnapshot",
    "accounts.view_charge",
    "accounts.view_creditaccount",
    "accounts.view_credittransfer",
    "accounts.view_customeraddress",
    "accounts.view_customerid",
    "accounts.view_customermerge",
    "accounts.view_user",
    "claims.view_acknowledgement",
    "claims.view_approval",
    "claims.view_approvallimit",
    "claims.view_cannedreply",
    "claims.view_claim",
    "claims.view_contradiction",
    "claims.view_customerflag",
    "claims.view_decision",
    "claims.view_dispute",
    "claims.view_event",
    "claims.view_evidence",
    "claims.view_incident",
    "claims.view_incidentclaim",
    "claims.view_lease",
    "claims.view_message",
    "claims.view_note",
    "claims.view_notice",
    "claims.view_number",
    "claims.view_offer",
    "claims.view_order",
    "claims.view_policyversion",
    "claims.view_receipt",
    "claims.view_rendition",
    "claims.view_replacement",
    "claims.view_service",
    "claims.view_servicealias",
    "claims.view_shopevent",
    "claims.view_supplierentry",
    "claims.view_upload",
    "claims.view_webhook",
    "claims.view_wrongpayment",
]
REVIEW = ["accounts.confirm_merge", "claims.review_claim", "claims.resend_notice"]
GROUPS = {
    "Support": [*SEE_ALL, *REVIEW],
    "Supervisor": [
        *SEE_ALL,
        *REVIEW,
        "accounts.ask_merge",
        "claims.add_cannedreply",
        "claims.add_policyversion",
        "claims.change_cannedreply",
        "claims.change_policyversion",
        "claims.delete_cannedreply",
        "claims.give_goodwill",
        "claims.lift_flag",
        "claims.mark_wrongly_paid",
        "claims.map_service",
        "claims.read_days",
        "claims.reopen_claim",
        "claims.replace_again",
        "claims.settle_webhook",
    ],
    "Reports": ["claims.view_claim", "claims.export_claims"],
    "Auditor": [*SEE_ALL, "claims.read_days"],
}


def add_groups(apps, schema_editor):
    make_permissions(apps)
    Group = apps.get_model("auth", "Group")
    for name, labels in GROUPS.items():
        group = Group.objects.create(name=name)
        group.permissions.set([permission(apps, label) for label in labels])


def make_permissions(apps):
    """Make the rows that Django makes only after the last migration."""
    for label in ("accounts", "claims"):
        config = apps.get_app_config(label)
        config.models_module = True  # or create_permissions takes it for an app without models
        create_permissions(config, apps=apps, verbosity=0)
        config.models_module = None


def permission(apps, label):
    app, codename = label.split(".")
    Permission = apps.get_model("auth", "Permission")
    return Permission.objects.get(content_type__app_label=app, codename=codename)


def remove_groups(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=GROUPS).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0012_shop_triggers"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(add_groups, remove_groups)]
