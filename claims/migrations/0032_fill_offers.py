"""What is offered already becomes an offer that its customer has a week to answer.

Its answers are empty, so a choice of the price brings it back to a reviewer. Few claims are offered
at a time, so one statement does it. Then who may see offers.
"""

import importlib

from django.db import migrations

permission = importlib.import_module("claims.migrations.0003_staff_groups").permission

GROUPS = ["Support", "Supervisor", "Auditor"]
SEE = "claims.view_offer"
FILL = """
INSERT INTO claims_offer (claim_id, answers, note, by_id, made_at, answer_by, choice)
SELECT claim.id, '{}', coalesce(event.data ->> 'note', ''), event.actor_id, event.at,
       greatest(event.at, now()) + interval '7 days', ''
  FROM claims_claim AS claim
  CROSS JOIN LATERAL (
       SELECT * FROM claims_event
        WHERE claim_id = claim.id AND kind = 'offered' AND actor_id IS NOT NULL
        ORDER BY at DESC, id DESC LIMIT 1
  ) AS event
 WHERE claim.status = 'offered'
"""


def add_permission(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    for name in GROUPS:
        group, _made = Group.objects.get_or_create(name=name)
        group.permissions.add(permission(apps, SEE))


def remove_permission(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    for group in Group.objects.filter(name__in=GROUPS):
        group.permissions.remove(permission(apps, SEE))


class Migration(migrations.Migration):
    dependencies = [("claims", "0031_offers")]

    operations = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunPython(add_permission, remove_permission),
    ]
