"""Mails that wait in the queue become notices; and who may see notices and send them again."""

import importlib
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.db import migrations

permission = importlib.import_module("claims.migrations.0003_staff_groups").permission

SEE, RESEND = "claims.view_notice", "claims.resend_notice"
GROUPS = {"Support": [SEE, RESEND], "Supervisor": [SEE, RESEND], "Auditor": [SEE]}
WAITING = """
SELECT event.id, event.at FROM procrastinate_jobs AS job
  JOIN claims_event AS event ON event.id = (job.args ->> 'event_id')::bigint
 WHERE job.task_name = 'claims.tell_customer' AND job.status IN ('todo', 'doing')
   AND NOT EXISTS (SELECT 1 FROM claims_notice WHERE event_id = event.id)
"""


def fill(apps, schema_editor):
    Notice = apps.get_model("claims", "Notice")
    host = urlsplit(settings.BASE_URL).hostname
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(WAITING)
        waiting = cursor.fetchall()
    Notice.objects.bulk_create(
        Notice(event_id=event, made_at=at, message_id=f"<{uuid4().hex}@{host}>")
        for event, at in waiting
    )


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
    dependencies = [
        ("claims", "0033_notices"),
        ("procrastinate", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunPython(add_permissions, remove_permissions),
    ]
