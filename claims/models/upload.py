from __future__ import annotations

import re
import secrets
from typing import ClassVar, assert_never

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from claims import policy
from claims.inspection import FileProblem
from claims.models.order import Order
from claims.wording.file_problems import file_problem

LONGEST_METADATA = 8192


def new_token() -> str:
    """Return a name that nobody can guess: 128 bits, safe in a URL and in a file name."""
    return secrets.token_urlsafe(16)


def is_token(text: str) -> bool:
    """Return whether the text can be a token. A form may send anything, even a NUL."""
    return re.fullmatch(r"[A-Za-z0-9_-]{1,32}", text) is not None


class Upload(models.Model):
    """A file on its way in. A worker inspects its bytes in the spool; then only facts stay."""

    class Kind(models.TextChoices):
        SCREENSHOT = "screenshot", _("picture")
        VIDEO = "video", _("video")

        @property
        def proof(self) -> policy.Proof:
            """The policy's word for a proof of this kind."""
            match self:
                case Upload.Kind.SCREENSHOT:
                    return policy.Proof.SCREENSHOT
                case Upload.Kind.VIDEO:
                    return policy.Proof.VIDEO
                case _:
                    assert_never(self)

        @property
        def is_played(self) -> bool:
            """Return whether a page plays the file, behind a poster."""
            match self:
                case Upload.Kind.SCREENSHOT:
                    return False
                case Upload.Kind.VIDEO:
                    return True
                case _:
                    assert_never(self)

    class State(models.TextChoices):
        RECEIVING = "receiving", _("being sent")
        WAITING = "waiting", _("being checked")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("can't be used")
        REMOVED = "removed", _("removed")

    class Scan(models.TextChoices):
        CLEAN = "clean", _("no malware found")
        NOT_SCANNED = "not_scanned", _("not scanned for malware")

    USABLE: ClassVar = (State.WAITING, State.ACCEPTED)

    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="uploads")
    customer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    kind = models.CharField(
        max_length=10,
        choices=Kind.choices,
        blank=True,
        help_text=_("By its first bytes; empty until they are here."),
    )
    original_name = models.CharField(
        max_length=120, help_text=_("As the customer's device told it.")
    )
    metadata = models.CharField(
        max_length=LONGEST_METADATA,
        blank=True,
        editable=False,
        help_text=_("What its sender said of it (Upload-Metadata), to be told again."),
    )
    size = models.PositiveBigIntegerField(help_text=_("Bytes of the original."))
    received = models.PositiveBigIntegerField(default=0, help_text=_("Bytes that are here by now."))
    sha256 = models.CharField(
        max_length=64, blank=True, help_text=_("Of the original; of pieces, known when inspected.")
    )
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    progress = models.PositiveSmallIntegerField(
        default=0, help_text=_("Per cent of the inspection that is done.")
    )
    interruptions = models.PositiveSmallIntegerField(
        default=0, help_text=_("How often its inspection was interrupted and is tried again.")
    )
    interrupted_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When its inspection was first interrupted.")
    )
    scan = models.CharField(
        max_length=12,
        choices=Scan.choices,
        default=Scan.NOT_SCANNED,
        help_text=_("What the malware scanner said of the original."),
    )
    problem = models.CharField(
        max_length=24, blank=True, help_text=_("Why it can't be used: a word of `FileProblem`.")
    )
    report = models.JSONField(default=dict, blank=True)
    received_at = models.DateTimeField(help_text=_("When its last bytes so far came in."))
    inspected_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("When its files were deleted, and only this line stayed."),
    )

    class Meta:
        constraints = [
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
                condition=Q(state__in=["receiving", "removed"])
                | Q(kind__in=["screenshot", "video"]),
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
        ]
        indexes = [
            # Serves `duplicates_of`, which looks for the same file in other claims.
            models.Index(fields=["sha256"], condition=~Q(sha256=""), name="uploads_by_hash"),
            # Serves `oldest_waiting`, which monitoring reads every few seconds.
            models.Index(
                fields=["received_at"], condition=Q(state="waiting"), name="uploads_that_wait"
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.FSM(
                name="is_inspected_once",
                field="state",
                transitions=[
                    ("receiving", "waiting"),
                    ("waiting", "accepted"),
                    ("waiting", "refused"),
                    ("receiving", "removed"),
                    ("waiting", "removed"),
                    ("accepted", "removed"),
                    ("refused", "removed"),
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.original_name

    @property
    def problem_in_words(self) -> str:
        """Return why the file can't be used, in the reader's language, or ''."""
        return file_problem(FileProblem(self.problem)) if self.problem else ""

    @property
    def is_usable(self) -> bool:
        """Return whether the whole file is here, and is accepted or still to be inspected."""
        return self.state in self.USABLE

    @property
    def is_video(self) -> bool:
        """Return whether it is a video; False until its first bytes show its kind."""
        return bool(self.kind) and self.Kind(self.kind).is_played

    @property
    def proof(self) -> policy.Proof:
        """The policy's word for this proof. The kind must be known."""
        return self.Kind(self.kind).proof

    @property
    def is_held_back(self) -> bool:
        """Return whether nobody may see it: accepted unscanned, before scans were required."""
        unscanned = self.state == self.State.ACCEPTED and self.scan != self.Scan.CLEAN
        return unscanned and settings.MALWARE_SCAN == "required"

    @property
    def shown_renditions(self) -> list[Rendition]:
        """Return the renditions that a page may show."""
        return [] if self.is_held_back else list(self.renditions.all())

    def spooled(self) -> list[str]:
        """Return the names of its pieces in the spool, in order."""
        return list(self.pieces.order_by("offset").values_list("name", flat=True))


class Piece(models.Model):
    """A part of an upload's bytes, in the spool under its own name until the inspection."""

    # The constraint on upload and offset has an index that begins with it.
    upload = models.ForeignKey(
        Upload, on_delete=models.PROTECT, related_name="pieces", db_index=False
    )
    offset = models.PositiveBigIntegerField(help_text=_("Where in the upload it begins, in bytes."))
    size = models.PositiveBigIntegerField(help_text=_("Bytes."))
    name = models.CharField(max_length=80, unique=True, help_text=_("In the spool."))
    sha256 = models.CharField(
        max_length=64,
        blank=True,
        help_text=_("Of these bytes; empty when it came before hashes did."),
    )

    class Meta:
        ordering = ["upload", "offset"]
        constraints = [
            models.UniqueConstraint(
                fields=["upload", "offset"], name="one_piece_begins_at_each_offset"
            ),
            models.CheckConstraint(condition=Q(size__gt=0), name="piece_has_bytes"),
        ]

    def __str__(self) -> str:
        return f"{self.size} bytes at {self.offset} of {self.upload}"


class Rendition(models.Model):
    """A file that we made from an upload. Only renditions are kept and shown."""

    class Role(models.TextChoices):
        PICTURE = "picture", _("picture")
        VIDEO = "video", _("video")
        POSTER = "poster", _("poster")
        THUMBNAIL = "thumbnail", _("thumbnail")

        @property
        def is_full(self) -> bool:
            """Return whether it shows all that the file shows: lists show the others."""
            match self:
                case Rendition.Role.PICTURE | Rendition.Role.VIDEO:
                    return True
                case Rendition.Role.POSTER | Rendition.Role.THUMBNAIL:
                    return False
                case _:
                    assert_never(self)

    # The constraint on upload and role has an index that begins with it.
    upload = models.ForeignKey(
        Upload, on_delete=models.PROTECT, related_name="renditions", db_index=False
    )
    role = models.CharField(max_length=12, choices=Role.choices)
    name = models.CharField(max_length=80, unique=True, help_text=_("In the evidence store."))
    media_type = models.CharField(max_length=20)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveBigIntegerField(help_text=_("Bytes."))
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["upload", "role"], name="one_rendition_per_role"),
            models.CheckConstraint(
                condition=Q(media_type__in=["image/webp", "video/mp4"]),
                name="rendition_type_is_ours",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} of {self.upload}"
