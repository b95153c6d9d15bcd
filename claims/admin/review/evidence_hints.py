"""What a file says about itself and where else it was seen, in words. Facts, never a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils.formats import date_format
from django.utils.timezone import is_naive, localtime

from claims.models import Claim, Evidence, Rendition, Upload
from claims.queries import Duplicate

LABELS = {"captured_at": "Captured", "device": "Device", "software": "Software"}
FARTHEST_BEHIND = timedelta(hours=12)
"""A clock that shows this much less than UTC; no zone is farther behind."""
SAVED_AGAIN = 12
"""Bits. What saving a picture again or scaling it does to its fingerprint, mostly."""


@dataclass(frozen=True)
class Seen:
    """A file of another claim that is the same or looks alike."""

    duplicate: Duplicate
    claim: Claim
    """The one on the page."""

    @property
    def upload(self) -> Upload:
        return self.duplicate.evidence.upload

    @property
    def other(self) -> Claim:
        return self.duplicate.evidence.claim

    @property
    def how(self) -> str:
        if self.duplicate.apart is None:
            return "The very same file"
        return "Nearly identical" if self.duplicate.apart <= SAVED_AGAIN else "Looks alike"

    @property
    def who(self) -> str:
        if self.other.order.customer_id != self.claim.order.customer_id:
            return f"another customer, {self.other.order.customer.email}"
        same_order = self.other.order_id == self.claim.order_id
        return "the same customer, for the same order" if same_order else "the same customer"

    @property
    def still(self) -> Rendition | None:
        return still_of(self.upload)


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
    def thumbnail(self) -> Rendition | None:
        return made_as(self.upload, Rendition.Role.THUMBNAIL)

    @property
    def pairs(self) -> list[Seen]:
        """Those that can be shown beside it."""
        return [seen for seen in self.seen if seen.still and self.still]

    @property
    def said(self) -> list[tuple[str, str]]:
        told = self._told
        said = [(LABELS[fact], told[fact]) for fact in LABELS if fact in told]
        return [(label, _moment(text) if label == "Captured" else text) for label, text in said]

    @property
    def remarks(self) -> list[str]:
        remarks = []
        captured = _instant(self._told.get("captured_at", ""))
        if captured and captured < self.claim.order.purchased_at:
            remarks.append("By its own clock it was captured before the order was purchased.")
        if editor := self._told.get("edited_with"):
            remarks.append(f"It names an editing program: {editor}.")
        return remarks

    @property
    def _told(self) -> dict[str, str]:
        told: dict[str, str] = self.upload.report.get("said", {})
        return told


def still_of(upload: Upload) -> Rendition | None:
    """The picture, or what stands for the video; None when it isn't there or may not be shown."""
    return made_as(upload, Rendition.Role.PICTURE, Rendition.Role.POSTER)


def made_as(upload: Upload, *roles: Rendition.Role) -> Rendition | None:
    return next((made for made in upload.shown_renditions if made.role in roles), None)


def _instant(text: str) -> datetime | None:
    """The latest one that it can be: most clocks in pictures don't tell their zone."""
    if not text:
        return None
    told = datetime.fromisoformat(text)
    return told.replace(tzinfo=UTC) + FARTHEST_BEHIND if is_naive(told) else told


def _moment(text: str) -> str:
    told = datetime.fromisoformat(text)
    if is_naive(told):
        return f"{date_format(told, 'j M Y, H:i')}, zone not told"
    return date_format(localtime(told), "j M Y, H:i")
