"""The tile with which a page shows a file, and the line that a removed one leaves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from claims.models import Rendition, Upload

Role = Rendition.Role


@dataclass(frozen=True, kw_only=True)
class Tile:
    upload: Upload
    thumbnail: str
    """The address of the picture or the poster; '' until the file is accepted."""
    full: str
    """The address of the picture or the video itself."""

    @property
    def is_video(self) -> bool:
        return self.upload.is_video

    @property
    def is_receiving(self) -> bool:
        return self.upload.state == Upload.State.RECEIVING

    @property
    def is_waiting(self) -> bool:
        return self.upload.state == Upload.State.WAITING

    @property
    def is_refused(self) -> bool:
        return self.upload.state == Upload.State.REFUSED


@dataclass(frozen=True, kw_only=True)
class Removed:
    """The line for a file that was removed at the end of its time."""

    upload: Upload
    days: int | None
    """Whole days from the closing of its claim to the removal."""


def tiles(uploads: Iterable[Upload]) -> list[Tile]:
    """Return a tile for each upload. Its renditions should be prefetched."""
    return [_tile(upload) for upload in uploads]


def removed(uploads: Iterable[Upload], *, closed_at: datetime | None) -> list[Removed]:
    """Return a line for each removed file of a claim."""
    return [_removed(u, closed_at) for u in uploads if u.state == Upload.State.REMOVED]


def _removed(upload: Upload, closed_at: datetime | None) -> Removed:
    at = upload.removed_at
    return Removed(upload=upload, days=(at - closed_at).days if at and closed_at else None)


def _tile(upload: Upload) -> Tile:
    urls = {
        rendition.role: reverse("portal:rendition", args=[upload.token, rendition.role])
        for rendition in upload.shown_renditions
    }
    picture = urls.get(Role.PICTURE, "")
    return Tile(
        upload=upload,
        thumbnail=urls.get(Role.POSTER, picture),
        full=urls.get(Role.VIDEO, picture),
    )
