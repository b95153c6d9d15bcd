"""The tile with which a page shows a file, and the line that a removed one leaves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from django.urls import reverse
from django.utils.translation import gettext as _

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

    @property
    def what(self) -> str:
        """Return what was removed, at the beginning of a sentence."""
        if not self.upload.kind:
            return _("A file")
        match Upload.Kind(self.upload.kind):
            case Upload.Kind.SCREENSHOT:
                return _("A picture")
            case Upload.Kind.VIDEO:
                return _("A video")
            case kind:
                assert_never(kind)


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
    urls: dict[str, str] = {
        rendition.role: reverse("portal:rendition", args=[upload.token, rendition.role])
        for rendition in upload.shown_renditions
    }
    thumbnail, full = _roles(upload)
    return Tile(upload=upload, thumbnail=urls.get(thumbnail, ""), full=urls.get(full, ""))


def _roles(upload: Upload) -> tuple[str, str]:
    """Return the roles of the renditions that the tile shows, and that it opens or plays."""
    if not upload.kind:
        return "", ""
    match Upload.Kind(upload.kind):
        case Upload.Kind.SCREENSHOT:
            return Role.PICTURE, Role.PICTURE
        case Upload.Kind.VIDEO:
            return Role.POSTER, Role.VIDEO
        case kind:
            assert_never(kind)
