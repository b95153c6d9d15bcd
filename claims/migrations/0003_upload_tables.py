"""The tables of files on their way in, and of what is made of them."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models
from django.db.models import F, Q

from claims.models.upload import new_token

ID = (
    "id",
    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
)
CONSTRAINTS = {
    "Upload": [
        models.CheckConstraint(
            condition=Q(state__in=["receiving", "waiting"], inspected_at__isnull=True)
            | Q(state__in=["accepted", "refused"], inspected_at__isnull=False)
            | Q(state="removed"),
            name="inspected_upload_has_a_time",
        ),
        models.CheckConstraint(
            condition=Q(state="removed", removed_at__isnull=False)
            | (~Q(state="removed") & Q(removed_at__isnull=True)),
            name="removed_upload_has_a_time",
        ),
        models.CheckConstraint(
            condition=Q(received=F("size"))
            | Q(state__in=["receiving", "removed"], received__lt=F("size")),
            name="upload_is_inspected_whole",
        ),
        models.CheckConstraint(
            condition=Q(state__in=["receiving", "removed"]) | Q(kind__in=["screenshot", "video"]),
            name="whole_upload_has_a_kind",
        ),
        models.CheckConstraint(
            condition=~Q(state="accepted") | ~Q(sha256=""),
            name="accepted_upload_has_a_hash",
        ),
        models.CheckConstraint(
            condition=~Q(state="refused") | ~Q(problem=""),
            name="refused_upload_says_what_is_wrong",
        ),
        models.CheckConstraint(
            condition=Q(interruptions__lte=3), name="upload_is_tried_again_at_most_thrice"
        ),
        models.CheckConstraint(
            condition=Q(interruptions=0, interrupted_at__isnull=True)
            | Q(interruptions__gt=0, interrupted_at__isnull=False),
            name="interrupted_upload_has_a_time",
        ),
    ],
    "Piece": [
        models.UniqueConstraint(
            fields=["upload", "offset"], name="one_piece_begins_at_each_offset"
        ),
        models.CheckConstraint(condition=Q(size__gt=0), name="piece_has_bytes"),
    ],
    "Rendition": [
        models.UniqueConstraint(fields=["upload", "role"], name="one_rendition_per_role"),
        models.CheckConstraint(
            condition=Q(media_type__in=["image/webp", "video/mp4"]),
            name="rendition_type_is_ours",
        ),
    ],
    "Fingerprint": [
        models.UniqueConstraint(fields=["upload", "position"], name="one_fingerprint_per_frame"),
    ],
}
INDEXES = {
    "Upload": [
        models.Index(fields=["sha256"], condition=~Q(sha256=""), name="uploads_by_hash"),
    ],
    "Fingerprint": [
        GinIndex(fields=["bands"], name="fingerprints_by_band", fastupdate=False),
    ],
}


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0002_order_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Upload",
            fields=[
                ID,
                ("token", models.CharField(
                    default=new_token, editable=False, max_length=32, unique=True
                )),
                ("order", models.ForeignKey(
                    on_delete=models.PROTECT, related_name="uploads", to="claims.order"
                )),
                ("customer", models.ForeignKey(
                    on_delete=models.PROTECT, to=settings.AUTH_USER_MODEL
                )),
                ("kind", models.CharField(
                    blank=True, choices=[("screenshot", "picture"), ("video", "video")],
                    help_text="By its first bytes; empty until they are here.", max_length=10
                )),
                ("original_name", models.CharField(
                    help_text="As the customer's device told it.", max_length=120
                )),
                ("metadata", models.CharField(
                    blank=True, editable=False,
                    help_text="What its sender said of it (Upload-Metadata), to be told again.",
                    max_length=8192
                )),
                ("size", models.PositiveBigIntegerField(help_text="Bytes of the original.")),
                ("received", models.PositiveBigIntegerField(
                    default=0, help_text="Bytes that are here by now."
                )),
                ("sha256", models.CharField(
                    blank=True, help_text="Of the original; of pieces, known when inspected.",
                    max_length=64
                )),
                ("state", models.CharField(
                    choices=[
                        ("receiving", "being sent"),
                        ("waiting", "being checked"),
                        ("accepted", "accepted"),
                        ("refused", "can't be used"),
                        ("removed", "removed"),
                    ],
                    default="waiting", max_length=12
                )),
                ("progress", models.PositiveSmallIntegerField(
                    default=0, help_text="Per cent of the inspection that is done."
                )),
                ("interruptions", models.PositiveSmallIntegerField(
                    default=0,
                    help_text="How often its inspection was interrupted and is tried again."
                )),
                ("interrupted_at", models.DateTimeField(
                    blank=True, help_text="When its inspection was first interrupted.", null=True
                )),
                ("scan", models.CharField(
                    choices=[
                        ("clean", "no malware found"),
                        ("not_scanned", "not scanned for malware"),
                    ],
                    default="not_scanned",
                    help_text="What the malware scanner said of the original.", max_length=12
                )),
                ("problem", models.CharField(
                    blank=True, help_text="Why it can't be used: a word of `FileProblem`.",
                    max_length=24
                )),
                ("report", models.JSONField(blank=True, default=dict)),
                ("received_at", models.DateTimeField(
                    help_text="When its last bytes so far came in."
                )),
                ("inspected_at", models.DateTimeField(blank=True, null=True)),
                ("removed_at", models.DateTimeField(
                    blank=True, help_text="When its files were deleted, and only this line stayed.",
                    null=True
                )),
            ],
            options={
                "constraints": CONSTRAINTS["Upload"],
                "indexes": INDEXES["Upload"],
            },
        ),
        migrations.CreateModel(
            name="Piece",
            fields=[
                ID,
                ("upload", models.ForeignKey(
                    db_index=False, on_delete=models.PROTECT, related_name="pieces",
                    to="claims.upload"
                )),
                ("offset", models.PositiveBigIntegerField(
                    help_text="Where in the upload it begins, in bytes."
                )),
                ("size", models.PositiveBigIntegerField(help_text="Bytes.")),
                ("name", models.CharField(help_text="In the spool.", max_length=80, unique=True)),
                ("sha256", models.CharField(
                    blank=True, help_text="Of these bytes; empty when it came before hashes did.",
                    max_length=64
                )),
            ],
            options={
                "ordering": ["upload", "offset"],
                "constraints": CONSTRAINTS["Piece"],
            },
        ),
        migrations.CreateModel(
            name="Rendition",
            fields=[
                ID,
                ("upload", models.ForeignKey(
                    db_index=False, on_delete=models.PROTECT, related_name="renditions",
                    to="claims.upload"
                )),
                ("role", models.CharField(
                    choices=[
                        ("picture", "picture"),
                        ("video", "video"),
                        ("poster", "poster"),
                        ("thumbnail", "thumbnail"),
                    ],
                    max_length=12
                )),
                ("name", models.CharField(
                    help_text="In the evidence store.", max_length=80, unique=True
                )),
                ("media_type", models.CharField(max_length=20)),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                ("size", models.PositiveBigIntegerField(help_text="Bytes.")),
                ("sha256", models.CharField(max_length=64)),
            ],
            options={
                "constraints": CONSTRAINTS["Rendition"],
            },
        ),
        migrations.CreateModel(
            name="Fingerprint",
            fields=[
                ID,
                ("upload", models.ForeignKey(
                    db_index=False, on_delete=models.CASCADE, related_name="fingerprints",
                    to="claims.upload"
                )),
                ("position", models.PositiveSmallIntegerField(
                    help_text="Counts the frames of a video."
                )),
                ("bits", models.CharField(help_text="In hexadecimal digits.", max_length=64)),
                ("bands", ArrayField(
                    base_field=models.IntegerField(),
                    help_text="The bits, cut into numbers that an index can find.", size=None
                )),
            ],
            options={
                "constraints": CONSTRAINTS["Fingerprint"],
                "indexes": INDEXES["Fingerprint"],
            },
        ),
    ]
