"""Hints on a file: its own metadata, and other claims with the same file. Never a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import assert_never

from django.utils.formats import date_format
from django.utils.timezone import is_naive, localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from claims.models import Claim, Evidence, Rendition, Upload
from claims.queries import Duplicate

LABELS = {"captured_at": _("Captured"), "device": _("Device"), "software": _("Software")}
FARTHEST_BEHIND = timedelta(hours=12)
"""The farthest that a time zone is behind UTC."""
SAVED_AGAIN = 12
"""Bits of the fingerprint that usually change when a picture is saved again or scaled."""


@dataclass(frozen=True)
class Seen:
    """A file of another claim that is the same or looks similar."""

    duplicate: Duplicate
    claim: Claim
    """The claim on the page."""

    @property
    def upload(self) -> Upload:
        return self.duplicate.evidence.upload

    @property
    def other(self) -> Claim:
        return self.duplicate.evidence.claim

    @property
    def how(self) -> str:
        if self.duplicate.apart is None:
            return gettext("The same file")
        if self.duplicate.apart <= SAVED_AGAIN:
            return gettext("Nearly identical")
        return gettext("Looks similar")

    @property
    def who(self) -> str:
        if self.other.order.customer_id != self.claim.order.customer_id:
            customer = self.other.order.customer
            called = customer.email or f"{customer.display_name}, {gettext('no address')}".lstrip(
                ", "
            )
            return gettext("another customer, %(email)s") % {"email": called}
        if self.other.order_id == self.claim.order_id:
            return gettext("the same customer, for the same order")
        return gettext("the same customer")

    @property
    def still(self) -> Rendition | None:
        return still_of(self.upload)


@dataclass(frozen=True)
class Stage:
    """A rendition with the part of the page that shows it in full size."""

    rendition: Rendition
    template: str


@dataclass(frozen=True)
class EvidenceHints:
    """A file of the claim, with the hints on it."""

    evidence: Evidence
    seen: list[Seen]
    claim: Claim

    @property
    def upload(self) -> Upload:
        return self.evidence.upload

    @property
    def still(self) -> Rendition | None:
        return still_of(self.upload)

    @property
    def stages(self) -> list[Stage]:
        shown = ((each, _stage_template(each)) for each in self.upload.shown_renditions)
        return [Stage(each, template) for each, template in shown if template]

    @property
    def thumbnail(self) -> Rendition | None:
        return made_as(self.upload, Rendition.Role.THUMBNAIL)

    @property
    def pairs(self) -> list[Seen]:
        """Return the files that the page can show beside this one."""
        return [seen for seen in self.seen if seen.still and self.still]

    @property
    def said(self) -> list[tuple[str, str]]:
        told = self._told
        said = [(fact, told[fact]) for fact in LABELS if fact in told]
        return [
            (str(LABELS[fact]), _moment(text) if fact == "captured_at" else text)
            for fact, text in said
        ]

    @property
    def remarks(self) -> list[str]:
        remarks = []
        captured = _instant(self._told.get("captured_at", ""))
        if captured and captured < self.claim.order.purchased_at:
            remarks.append(
                gettext("By its own clock the file was captured before the order was purchased.")
            )
        if editor := self._told.get("edited_with"):
            named = gettext("The file names an editing program: %(program)s.")
            remarks.append(named % {"program": editor})
        return remarks

    @property
    def _told(self) -> dict[str, str]:
        told: dict[str, str] = self.upload.report.get("said", {})
        return told


def _stage_template(rendition: Rendition) -> str:
    role = Rendition.Role(rendition.role)
    match role:
        case Rendition.Role.PICTURE:
            return "admin/claims/claim/picture_stage.html"
        case Rendition.Role.VIDEO:
            return "admin/claims/claim/video_stage.html"
        case Rendition.Role.POSTER | Rendition.Role.THUMBNAIL:
            return ""
        case _:
            assert_never(role)


def still_of(upload: Upload) -> Rendition | None:
    """Return the picture or the video's poster; None if there is none or it may not be shown."""
    return made_as(upload, Rendition.Role.PICTURE, Rendition.Role.POSTER)


def made_as(upload: Upload, *roles: Rendition.Role) -> Rendition | None:
    return next((made for made in upload.shown_renditions if made.role in roles), None)


def _instant(text: str) -> datetime | None:
    """Return the latest possible instant: most pictures do not record a time zone."""
    if not text:
        return None
    told = datetime.fromisoformat(text)
    return told.replace(tzinfo=UTC) + FARTHEST_BEHIND if is_naive(told) else told


def _moment(text: str) -> str:
    told = datetime.fromisoformat(text)
    if is_naive(told):
        unzoned = gettext("%(time)s, time zone unknown")
        return unzoned % {"time": date_format(told, "j M Y, H:i")}
    return date_format(localtime(told), "j M Y, H:i")
