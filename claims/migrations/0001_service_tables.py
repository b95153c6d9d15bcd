"""The catalogue of services, with the names under which shops and suppliers sell them."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import migrations, models
from django.db.models import Q

CONSTRAINTS = {
    "Service": [
        models.CheckConstraint(
            condition=Q(slug__regex=r"^[a-z0-9][a-z0-9_.-]*$"), name="service_is_a_slug"
        ),
        models.CheckConstraint(
            condition=Q(slug="telegram", follows_telegram_rules=True)
            | (~Q(slug="telegram") & Q(follows_telegram_rules=False)),
            name="only_telegram_follows_its_rules",
        ),
    ],
    "ServiceAlias": [
        models.CheckConstraint(condition=~Q(folded=""), name="alias_is_not_empty"),
    ],
}


class Migration(migrations.Migration):
    initial = True
    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="Service",
            fields=[
                ("slug", models.CharField(
                    max_length=40, primary_key=True, serialize=False,
                    validators=[RegexValidator("^[a-z0-9][a-z0-9_.-]*$")]
                )),
                ("name", models.CharField(max_length=80)),
                ("names", models.JSONField(
                    blank=True, default=dict,
                    help_text="Other names, by the code of their language."
                )),
                ("follows_telegram_rules", models.BooleanField(
                    default=False, editable=False,
                    verbose_name="the policy's rules for Telegram apply"
                )),
            ],
            options={
                "ordering": ["name", "slug"],
                "permissions": [("map_service", "Can map names of services")],
                "constraints": CONSTRAINTS["Service"],
            },
        ),
        migrations.CreateModel(
            name="ServiceAlias",
            fields=[
                ("folded", models.CharField(
                    help_text="The name as names are compared.", primary_key=True, serialize=False
                )),
                ("as_sent", models.CharField(max_length=80)),
                ("service", models.ForeignKey(
                    on_delete=models.PROTECT, related_name="aliases", to="claims.service"
                )),
                ("made_by", models.ForeignKey(
                    blank=True, help_text="Nobody: it came with the catalogue.", null=True,
                    on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                )),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["folded"],
                "constraints": CONSTRAINTS["ServiceAlias"],
            },
        ),
    ]
