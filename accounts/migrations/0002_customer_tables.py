"""The tables of customers as the shop knows them: their ids, their addresses, and merges of two."""

from datetime import timedelta

from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

ID = (
    "id",
    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
)
A_DAY = timedelta(hours=24)
CONSTRAINTS = {
    "CustomerMerge": [
        models.CheckConstraint(
            condition=~Q(merged=F("survivor")), name="a_merge_is_of_two_people"
        ),
        models.CheckConstraint(
            condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("asked_by")),
            name="a_merge_is_confirmed_by_another_person",
        ),
        models.CheckConstraint(
            condition=Q(state__in=["asked", "cancelled"])
            | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
            name="a_merge_is_confirmed_before_it_is_done",
        ),
        models.CheckConstraint(
            condition=(Q(state="done") & Q(done_at__isnull=False))
            | (~Q(state="done") & Q(done_at__isnull=True)),
            name="a_done_merge_has_a_time",
        ),
        models.CheckConstraint(
            condition=~Q(state="done")
            | (
                (Q(merged_address="") | Q(done_at__gte=F("merged_mailed_at") + A_DAY))
                & (Q(survivor_address="") | Q(done_at__gte=F("survivor_mailed_at") + A_DAY))
                & Q(done_at__gte=F("confirmed_at") + A_DAY)
            ),
            name="both_had_a_day_to_object",
        ),
        models.CheckConstraint(condition=~Q(reason=""), name="a_merge_has_a_reason"),
        models.UniqueConstraint(
            fields=["merged"],
            condition=Q(state__in=["asked", "confirmed", "done"]),
            name="one_becomes_another_person_once",
        ),
    ],
    "CustomerAddress": [
        models.UniqueConstraint(fields=["user", "email"], name="one_row_per_told_address"),
        models.CheckConstraint(condition=~Q(email=""), name="a_told_address_is_not_empty"),
    ],
    "CustomerId": [
        models.CheckConstraint(condition=~Q(customer_id=""), name="a_customer_id_is_not_empty"),
        models.UniqueConstraint(
            fields=["user"],
            condition=Q(merged_at__isnull=True),
            name="one_customer_id_of_their_own_per_person",
        ),
    ],
}


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_tables")]

    operations = [
        migrations.CreateModel(
            name="CustomerId",
            fields=[
                ID,
                ("customer_id", models.CharField(
                    max_length=64, unique=True, verbose_name="the shop's id of the customer"
                )),
                ("user", models.ForeignKey(
                    on_delete=models.PROTECT, related_name="customer_ids",
                    to=settings.AUTH_USER_MODEL
                )),
                ("merged_at", models.DateTimeField(
                    blank=True, help_text="When the customer of this id became another person.",
                    null=True
                )),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "customer id",
                "constraints": CONSTRAINTS["CustomerId"],
            },
        ),
        migrations.CreateModel(
            name="CustomerAddress",
            fields=[
                ID,
                ("user", models.ForeignKey(
                    db_index=False, on_delete=models.PROTECT, related_name="told_addresses",
                    to=settings.AUTH_USER_MODEL
                )),
                ("email", models.CharField(db_index=True, max_length=254)),
                ("told_at", models.DateTimeField(
                    blank=True,
                    help_text="When the shop told it last; none: never with the customer's id.",
                    null=True
                )),
                ("is_former", models.BooleanField(
                    default=False,
                    help_text="Of a customer who became this person; it is never theirs."
                )),
            ],
            options={
                "constraints": CONSTRAINTS["CustomerAddress"],
            },
        ),
        migrations.CreateModel(
            name="CustomerMerge",
            fields=[
                ID,
                ("merged", models.ForeignKey(
                    on_delete=models.PROTECT, related_name="merges_away",
                    to=settings.AUTH_USER_MODEL
                )),
                ("survivor", models.ForeignKey(
                    on_delete=models.PROTECT, related_name="merges_in",
                    to=settings.AUTH_USER_MODEL
                )),
                ("reason", models.TextField(max_length=4000)),
                ("state", models.CharField(
                    choices=[
                        ("asked", "waits for a second person"),
                        ("confirmed", "waits for objections"),
                        ("done", "done"),
                        ("objected", "a customer objected"),
                        ("cancelled", "cancelled"),
                    ],
                    default="asked", max_length=9
                )),
                ("asked_by", models.ForeignKey(
                    db_index=False, on_delete=models.PROTECT, related_name="+",
                    to=settings.AUTH_USER_MODEL
                )),
                ("asked_at", models.DateTimeField()),
                ("confirmed_by", models.ForeignKey(
                    blank=True, db_index=False, null=True, on_delete=models.PROTECT,
                    related_name="+", to=settings.AUTH_USER_MODEL
                )),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("merged_address", models.CharField(blank=True, max_length=254)),
                ("survivor_address", models.CharField(blank=True, max_length=254)),
                ("merged_mailed_at", models.DateTimeField(blank=True, null=True)),
                ("survivor_mailed_at", models.DateTimeField(blank=True, null=True)),
                ("ended_by", models.ForeignKey(
                    blank=True, db_index=False,
                    help_text="The customer who objected, or the member of staff who cancelled it.",
                    null=True, on_delete=models.PROTECT, related_name="+",
                    to=settings.AUTH_USER_MODEL
                )),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("moved", models.JSONField(
                    blank=True, default=dict, help_text="What the survivor got from the other."
                )),
            ],
            options={
                "ordering": ["-asked_at", "-id"],
                "permissions": [
                    ("ask_merge", "Can ask for two customers to become one"),
                    ("confirm_merge", "Can confirm that two customers become one"),
                ],
                "verbose_name": "merge of customers",
                "verbose_name_plural": "merges of customers",
                "constraints": CONSTRAINTS["CustomerMerge"],
            },
        ),
    ]
