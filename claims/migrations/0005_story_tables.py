"""The tables of a claim's story, and of what is said about it."""

from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

from claims.models.notice import new_message_id

ID = (
    "id",
    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
)
CONSTRAINTS = {
    "Event": [
        models.CheckConstraint(
            condition=Q(claim__isnull=False)
            | Q(kind__in=["returned", "late_sms", "service_mapped", "merged"]),
            name="claim_events_have_a_claim",
        ),
        models.UniqueConstraint(
            fields=["claim", "submission"],
            condition=Q(submission__isnull=False),
            name="one_answer_per_form",
        ),
        models.UniqueConstraint(
            fields=["claim"], condition=Q(kind="reopened"), name="claim_is_reopened_only_once"
        ),
        models.UniqueConstraint(
            fields=["claim"], condition=Q(kind="appealed"), name="claim_is_appealed_only_once"
        ),
        models.UniqueConstraint(
            fields=["claim"], condition=Q(kind="objected"), name="repair_is_objected_to_once"
        ),
    ],
    "Notice": [
        models.CheckConstraint(
            condition=~Q(state="sent") | Q(sent_at__isnull=False), name="sent_notice_has_a_time"
        ),
        models.CheckConstraint(
            condition=~Q(state__in=["failed", "bounced", "unsure"]) | ~Q(problem=""),
            name="notice_that_went_wrong_says_why",
        ),
    ],
}
INDEXES = {
    "Event": [
        models.Index(fields=["actor", "at"], name="events_of_a_person"),
        models.Index(fields=["at", "id"], name="events_by_time"),
        models.Index(fields=["kind", "at", "id"], name="events_by_kind"),
    ],
    "Notice": [
        models.Index(
            fields=["-made_at", "-id"],
            condition=Q(state__in=["failed", "bounced", "unsure"]),
            name="notices_that_went_wrong",
        ),
    ],
}


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0004_claim_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Event",
            fields=[
                ID,
                ("kind", models.CharField(
                    choices=[
                        ("filed", "Claim filed"),
                        ("evidence_added", "Evidence added"),
                        ("evidence_accepted", "Evidence checked and accepted"),
                        ("evidence_refused", "Evidence can't be used"),
                        ("evidence_requested", "More evidence asked for"),
                        ("evidence_removed", "Evidence removed, its time being over"),
                        ("replied", "Support wrote to the customer"),
                        ("repair_started", "Repair started"),
                        ("not_repairable", "Can't be repaired"),
                        ("offered", "Replacement offered"),
                        ("offer_answered", "Choice of the customer"),
                        ("refunded", "Price returned by decision"),
                        ("replaced", "Replacement provided"),
                        ("goodwill", "Credit given as goodwill"),
                        ("repaired", "Repaired"),
                        ("rejected", "Claim rejected"),
                        ("reopened", "Claim reopened"),
                        ("appealed", "Rejection appealed"),
                        ("objected", "Customer says that it isn't repaired"),
                        ("withdrawn", "Claim withdrawn"),
                        ("returned", "Price returned automatically"),
                        ("late_sms", "SMS reported after the price went back"),
                        ("reminded", "Customer reminded"),
                        ("remedy_due", "Time to resolve it is over"),
                        ("assigned", "Assigned"),
                        ("corrected", "Facts corrected by staff"),
                        ("noted", "Internal note"),
                        ("flagged", "Customer flagged"),
                        ("flag_lifted", "Flag lifted"),
                        ("wrongly_paid", "Marked as wrongly paid"),
                        ("approved_first", "Approved by the first of two people"),
                        ("evidence_seen", "Evidence looked at"),
                        ("service_mapped", "Service set from the catalogue"),
                        ("merged", "Customer became another one"),
                    ],
                    max_length=20
                )),
                ("order", models.ForeignKey(
                    on_delete=models.PROTECT, related_name="events", to="claims.order"
                )),
                ("claim", models.ForeignKey(
                    blank=True, null=True, on_delete=models.PROTECT, related_name="events",
                    to="claims.claim"
                )),
                ("at", models.DateTimeField()),
                ("actor", models.ForeignKey(
                    blank=True, db_index=False, help_text="Nobody: the system.", null=True,
                    on_delete=models.PROTECT, to=settings.AUTH_USER_MODEL
                )),
                ("address", models.GenericIPAddressField(
                    blank=True, help_text="From where; none of the system.", null=True
                )),
                ("before", models.JSONField(blank=True, default=dict, help_text="What it was.")),
                ("after", models.JSONField(
                    blank=True, default=dict, help_text="What it is since."
                )),
                ("data", models.JSONField(blank=True, default=dict)),
                ("submission", models.UUIDField(
                    blank=True, editable=False,
                    help_text=(
                        "Of the form that an answer came with, so that a form sent twice is one "
                        "answer."
                    ),
                    null=True
                )),
            ],
            options={
                "ordering": ["at", "id"],
                "permissions": [("read_days", "Can read what anybody did on a day")],
                "constraints": CONSTRAINTS["Event"],
                "indexes": INDEXES["Event"],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ID,
                ("event", models.OneToOneField(
                    on_delete=models.PROTECT, related_name="notice", to="claims.event"
                )),
                ("state", models.CharField(
                    choices=[
                        ("waiting", "to be sent"),
                        ("sending", "being sent"),
                        ("sent", "sent"),
                        ("failed", "failed"),
                        ("bounced", "bounced"),
                        ("unsure", "perhaps sent"),
                        ("unmailed", "not mailed: no address"),
                    ],
                    default="waiting", max_length=8
                )),
                ("attempts", models.PositiveSmallIntegerField(
                    default=0, help_text="Since it was written, or last sent again by a person."
                )),
                ("message_id", models.CharField(
                    default=new_message_id, editable=False, max_length=200, unique=True,
                    verbose_name="Message-ID"
                )),
                ("address", models.CharField(
                    blank=True, help_text="Where it went, or was to go, last.", max_length=254
                )),
                ("problem", models.TextField(blank=True, help_text="What went wrong last.")),
                ("made_at", models.DateTimeField()),
                ("tried_at", models.DateTimeField(blank=True, null=True)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("read_at", models.DateTimeField(
                    blank=True, help_text="When the customer saw its claim; none: unread.",
                    null=True
                )),
            ],
            options={
                "ordering": ["made_at", "id"],
                "permissions": [("resend_notice", "Can send a notice again")],
                "constraints": CONSTRAINTS["Notice"],
                "indexes": INDEXES["Notice"],
            },
        ),
        migrations.CreateModel(
            name="NoticeMail",
            fields=[
                ID,
                ("notice", models.ForeignKey(
                    on_delete=models.PROTECT, related_name="mails", to="claims.notice"
                )),
                ("at", models.DateTimeField(help_text="When it was handed over.")),
                ("address", models.CharField(max_length=254)),
                ("language", models.CharField(max_length=12)),
                ("subject", models.CharField(max_length=200)),
                ("text", models.TextField()),
            ],
            options={
                "ordering": ["at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ID,
                ("claim", models.ForeignKey(
                    on_delete=models.PROTECT, related_name="messages", to="claims.claim"
                )),
                ("author", models.ForeignKey(
                    db_index=False, on_delete=models.PROTECT, to=settings.AUTH_USER_MODEL
                )),
                ("from_staff", models.BooleanField()),
                ("body", models.TextField(max_length=4000)),
                ("sent_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["sent_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                ID,
                ("claim", models.ForeignKey(
                    on_delete=models.PROTECT, related_name="notes", to="claims.claim"
                )),
                ("author", models.ForeignKey(
                    db_index=False, on_delete=models.PROTECT, to=settings.AUTH_USER_MODEL
                )),
                ("body", models.TextField(max_length=4000)),
                ("written_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["written_at", "id"],
            },
        ),
    ]
