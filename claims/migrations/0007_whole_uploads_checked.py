"""Holds the uploads that were there before against the constraints of 0006."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("claims", "0006_whole_uploads")]

    operations = [
        ValidateConstraint(model_name="upload", name="inspected_upload_has_a_time"),
        ValidateConstraint(model_name="upload", name="removed_upload_has_a_time"),
        ValidateConstraint(model_name="upload", name="upload_is_inspected_whole"),
        ValidateConstraint(model_name="upload", name="whole_upload_has_a_kind"),
        ValidateConstraint(model_name="upload", name="accepted_upload_has_a_hash"),
    ]
