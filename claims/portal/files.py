"""What a page shows of a file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from claims.models import Rendition, Upload

Role = Rendition.Role


@dataclass(frozen=True, kw_only=True)
class Tile:
    upload: Upload
    thumbnail: str
    """Address of the picture or the poster; empty until the file is accepted."""
    full: str
    """Address of the picture or the video itself."""

    @property
    def is_video(self) -> bool:
        return self.upload.kind == Upload.Kind.VIDEO

    @property
    def is_waiting(self) -> bool:
        return self.upload.state == Upload.State.WAITING

    @property
    def is_refused(self) -> bool:
        return self.upload.state == Upload.State.REFUSED


def tiles(uploads: Iterable[Upload]) -> list[Tile]:
    """One for each upload, out of renditions that are prefetched."""
    return [_tile(upload) for upload in uploads]


def _tile(upload: Upload) -> Tile:
    urls = {
        rendition.role: reverse("portal:rendition", args=[upload.token, rendition.role])
        for rendition in upload.renditions.all()
    }
    picture = urls.get(Role.PICTURE, "")
    return Tile(
        upload=upload,
        thumbnail=urls.get(Role.POSTER, picture),
        full=urls.get(Role.VIDEO, picture),
    )
