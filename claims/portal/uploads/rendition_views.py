"""Send evidence to the browser: renditions only, in ranges, with headers that let nothing run.

The portal itself streams a file from a folder. For a bucket it makes the same check, then sends the
browser to a signed link (docs/adr/0015).
"""

from __future__ import annotations

import re

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.files import File
from django.http import (
    Http404,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.views import SignedInRequest
from claims import access, storage
from claims.actions.uploads.view_log import is_look, record_look
from claims.models import Rendition

CHUNK = 256 * 1024
HEADERS = {
    "Accept-Ranges": "bytes",
    "Cache-Control": "private, no-store",
    "Content-Disposition": "inline",
    # The middleware keeps a policy that a view has set.
    "Content-Security-Policy": "sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
REDIRECT_HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "sandbox",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
SINGLE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class Unsatisfiable(Exception):
    """The range lies outside the file."""


class Section:
    """Part of a file, read in chunks. The response closes it."""

    def __init__(self, file: File[bytes], wanted: range) -> None:
        self.file = file
        self.left = len(wanted)
        file.seek(wanted.start)

    def __iter__(self) -> Section:
        return self

    def __next__(self) -> bytes:
        piece: bytes = self.file.read(min(CHUNK, self.left))
        if not piece:
            raise StopIteration
        self.left -= len(piece)
        return piece

    def close(self) -> None:
        self.file.close()


@login_required
@require_safe
def rendition(request: SignedInRequest, token: str, role: str) -> HttpResponseBase:
    shown = access.rendition_for(request.user, token, role)
    try:
        wanted = requested_range(_range_header(request), shown.size)
    except Unsatisfiable:
        wanted = range(0)
    _keep_look(request, shown, wanted)
    if settings.STORE_ORIGIN and request.method == "GET":
        return _sent_to_store(shown)
    return _streamed(request, shown, wanted)


def _keep_look(request: SignedInRequest, shown: Rendition, wanted: range | None) -> None:
    """Record a look before a byte is sent. A signed link counts as a look at the whole file."""
    shows = request.method == "GET" and (wanted is None or len(wanted) or settings.STORE_ORIGIN)
    if shows and is_look(shown, by=request.user):
        record_look(
            upload=shown.upload,
            role=shown.role,
            by=request.user,
            now=timezone.now(),
            begins=wanted is None or wanted.start == 0,
        )


def _sent_to_store(shown: Rendition) -> HttpResponse:
    """Redirect to a link that works for minutes and serves the file with the rendition's type.

    The link is signed for GET alone, ranges included. HEAD is answered from the row.
    """
    link = storage.signed_link(shown.name, media_type=shown.media_type)
    return HttpResponseRedirect(link, headers=REDIRECT_HEADERS)


def _streamed(request: SignedInRequest, shown: Rendition, wanted: range | None) -> HttpResponseBase:
    if wanted is not None and not wanted:
        headers = HEADERS | {"Content-Range": f"bytes */{shown.size}"}
        return HttpResponse(status=416, headers=headers, content_type=shown.media_type)
    if request.method == "HEAD":
        response: HttpResponseBase = HttpResponse(content_type=shown.media_type)
    else:
        response = StreamingHttpResponse(_section(shown, wanted), content_type=shown.media_type)
    return _with_headers(response, wanted, shown.size)


def _range_header(request: SignedInRequest) -> str:
    """Return the Range header of a GET; no other method has ranges."""
    return request.headers.get("Range", "") if request.method == "GET" else ""


def requested_range(header: str, size: int) -> range | None:
    """Return the bytes that a Range header asks for (RFC 9110, 14.2); None for all of them.

    Several ranges, other units and unreadable ones count as no range. Raises `Unsatisfiable`.
    """
    match = SINGLE_RANGE.fullmatch(header.strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        start, stop = max(size - int(last), 0), size
    else:
        start, stop = int(first), min(int(last or size) + 1, size)
        if last and int(last) < start:
            return None
    if start >= stop:
        raise Unsatisfiable
    return range(start, stop)


def _section(shown: Rendition, wanted: range | None) -> Section:
    """Open the wanted part of the file.

    Raises `StoreUnavailable` when the file can't be opened or isn't whole, and `Http404` when it
    is gone.
    """
    with storage.store_errors():
        try:
            file = storage.store().open(shown.name)
        except FileNotFoundError as error:
            raise Http404 from error
        try:
            _refuse_another_size(shown, file)
            return Section(file, wanted or range(shown.size))
        except BaseException:
            file.close()
            raise


def _refuse_another_size(shown: Rendition, file: File[bytes]) -> None:
    """Raise `StoreUnavailable` for a file of another size, before the headers promise a size."""
    if file.size != shown.size:
        raise storage.StoreUnavailable(f"{shown.name} has {file.size} of {shown.size} bytes.")


def _with_headers(response: HttpResponseBase, wanted: range | None, size: int) -> HttpResponseBase:
    for name, value in HEADERS.items():
        response[name] = value
    response["Content-Length"] = str(size if wanted is None else len(wanted))
    if wanted is not None:
        response.status_code = 206
        response["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{size}"
    return response
