"""Resumable uploads by tus 1.0.0 (https://tus.io/protocols/resumable-upload), for any tus client.

docs/uploads.md describes the protocol as the portal speaks it, its limits and its status codes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import http_date
from django.utils.translation import gettext as _

from accounts.views import SignedInRequest
from claims import access, queries, storage, wording
from claims.actions.uploads import intake, pieces
from claims.actions.uploads.quotas import EXPIRES_AFTER, LimitReached, is_gone
from claims.models import Order, Upload
from claims.portal.orders import order_stories
from claims.portal.uploads import tus_headers
from claims.portal.uploads.piece_bodies import body_of
from claims.portal.uploads.tus_headers import TusError

VERSION = "1.0.0"
ABILITIES = {
    "Tus-Version": VERSION,
    "Tus-Extension": "creation,checksum,termination,expiration",
    "Tus-Max-Size": str(pieces.LIMITS.most_bytes),
    "Tus-Checksum-Algorithm": ",".join(tus_headers.ALGORITHMS),
}
RETRY_SECONDS = 30
"""Seconds after which a client may try again while the store is down."""
ROOM_SECONDS = 3600
"""Seconds after which a client may try again while the store is full."""
STATUS = {
    "empty": 400,
    "pieces": 400,
    "offset": 409,
    "gone": 410,
    "too_large": 413,
    "files": 422,
}
"""The status of an answer, by the code of the `ValidationError` that an action raised."""
NOT_READABLE = 415
"""The status for every other code: the first bytes show a file that can't be used."""

View = Callable[..., HttpResponse]


def speaks_tus(*methods: str) -> Callable[[View], View]:
    """Give every answer the protocol's headers, and a refusal one sentence.

    The CSRF check stays on: it takes its token from the header X-CSRFToken, whatever the method. It
    runs before the method is taken from X-HTTP-Method-Override.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def speak(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
            request.method = _meant_method(request)
            response = _answer(view, methods, request, *args, **kwargs)
            response["Tus-Resumable"] = VERSION
            response["Cache-Control"] = "no-store"
            return response

        return speak

    return decorate


def _meant_method(request: HttpRequest) -> str | None:
    """Return the method that X-HTTP-Method-Override names, else the request's own.

    The header serves clients and proxies that let only GET and POST through. Only a POST may name
    another method: the CSRF check leaves out the methods that a link or a picture can send.
    """
    if request.method != "POST":
        return request.method
    return request.headers.get("X-HTTP-Method-Override", "").upper() or "POST"


def _answer(
    view: View, methods: tuple[str, ...], request: HttpRequest, *args: str, **kwargs: str
) -> HttpResponse:
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers=ABILITIES)
    try:
        _admit(request, methods)
        return view(request, *args, **kwargs)
    except (TusError, Http404, ValidationError, storage.StoreUnavailable) as error:
        refused = _in_words(error)
        return HttpResponse(
            str(refused),
            status=refused.status,
            content_type="text/plain; charset=utf-8",
            headers=refused.headers,
        )


def _in_words(error: Exception) -> TusError:
    if isinstance(error, TusError):
        return error
    if isinstance(error, LimitReached):
        seconds = max(1, int(error.retry_after.total_seconds()))
        return TusError(429, error.messages[0], {"Retry-After": str(seconds)})
    if isinstance(error, ValidationError):
        return TusError(STATUS.get(error.code or "", NOT_READABLE), error.messages[0])
    if isinstance(error, storage.StoreFull):
        sentence = _("There is no room for files just now. Try again in an hour.")
        return TusError(507, sentence, {"Retry-After": str(ROOM_SECONDS)})
    if isinstance(error, storage.StoreUnavailable):
        sentence = _("Files can't be kept just now. Try again in a minute; what came in is kept.")
        return TusError(503, sentence, {"Retry-After": str(RETRY_SECONDS)})
    return TusError(404, _("We can't find this upload. Send the file again from its order's page."))


def _admit(request: HttpRequest, methods: tuple[str, ...]) -> None:
    if request.method not in methods:
        allowed = ", ".join(("OPTIONS", *methods))
        raise TusError(
            405, _("This address takes %(methods)s.") % {"methods": allowed}, {"Allow": allowed}
        )
    if not request.user.is_authenticated:
        raise TusError(401, _("You are signed out. Sign in, then go on; what came in is kept."))
    if request.headers.get("Tus-Resumable") != VERSION:
        sentence = _("Send the header Tus-Resumable: %(version)s.") % {"version": VERSION}
        raise TusError(412, sentence, {"Tus-Version": VERSION})


@speaks_tus("POST")
def create_upload(
    request: SignedInRequest, shop_id: str, goes_on_at: str = "portal:upload"
) -> HttpResponse:
    """Begin an upload. `goes_on_at` names the address to which the client sends the pieces."""
    order = access.order_for(request.user, shop_id)
    now = timezone.now()
    size = tus_headers.length_of(request)
    metadata = tus_headers.metadata_of(request)
    name = tus_headers.file_name_in(metadata)
    _refuse_barred(order, now=now)
    upload = pieces.begin_upload(
        order=order, by=request.user, name=name, size=size, metadata=metadata, now=now
    )
    headers = {"Location": reverse(goes_on_at, args=[upload.token])}
    return HttpResponse(status=201, headers=headers | _progress(upload))


def _refuse_barred(order: Order, *, now: datetime) -> None:
    """Raise `TusError` for an order without an open claim on which no claim is possible."""
    claim = queries.newest_claim(order)
    if claim is not None and claim.is_open:
        return
    bars = order_stories.bars_of(order, now=now)
    if bars:
        reasons = " ".join(map(wording.sentence, bars))
        sentence = _("No claim is possible on this order, so we keep no file: %(reasons)s")
        raise TusError(422, sentence % {"reasons": reasons})


@speaks_tus("HEAD", "PATCH", "DELETE")
def upload(request: SignedInRequest, token: str) -> HttpResponse:
    found = access.upload_for(request.user, token)
    return {"HEAD": _tell, "PATCH": _go_on, "DELETE": _remove}[request.method or ""](request, found)


def _tell(request: SignedInRequest, upload: Upload) -> HttpResponse:
    if is_gone(upload, now=timezone.now()):
        return HttpResponse(status=410)
    headers = {"Upload-Length": str(upload.size)}
    if upload.metadata:
        headers["Upload-Metadata"] = upload.metadata
    return HttpResponse(status=200, headers=headers | _progress(upload))


def _go_on(request: SignedInRequest, upload: Upload) -> HttpResponse:
    """Append the bytes of the body, as far as they arrive, to the upload."""
    tus_headers.require_piece(request)
    offset = tus_headers.offset_of(request)
    announced = tus_headers.body_length_of(request)
    checksum = tus_headers.checksum_of(request)
    try:
        pieces.refuse_misplaced(upload, offset=offset, size=announced, now=timezone.now())
        with body_of(request, most=announced, checksum=checksum) as body:
            if body.size:
                sent = pieces.SentPiece(
                    file=body.file, offset=offset, size=body.size, sha256=body.sha256
                )
                upload = pieces.keep_piece(
                    upload=upload, by=request.user, sent=sent, now=timezone.now()
                )
    except ValidationError as error:
        if error.code != "offset":
            raise
        upload.refresh_from_db()
        raise TusError(409, error.messages[0], {"Upload-Offset": str(upload.received)}) from error
    return HttpResponse(status=204, headers=_progress(upload))


def _remove(request: SignedInRequest, upload: Upload) -> HttpResponse:
    if upload.state == Upload.State.REMOVED:
        raise TusError(410, _("This upload is removed already."))
    intake.discard_upload(
        token=upload.token, order_id=upload.order_id, by=request.user, now=timezone.now()
    )
    upload.refresh_from_db()
    if upload.state != Upload.State.REMOVED:
        raise TusError(403, _("A claim shows this file already, so it stays."))
    return HttpResponse(status=204)


def _progress(upload: Upload) -> dict[str, str]:
    """Return the headers for the bytes that have arrived and the deadline for the rest."""
    headers = {"Upload-Offset": str(upload.received)}
    if upload.state == Upload.State.RECEIVING:
        expires = upload.received_at + EXPIRES_AFTER
        headers["Upload-Expires"] = http_date(expires.timestamp())
    return headers
