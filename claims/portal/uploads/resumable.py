"""Resumable uploads by tus 1.0.0 (https://tus.io/protocols/resumable-upload), for any tus client.

The protocol as it is spoken here, its limits and its status codes stand in docs/uploads.md.
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
    "Tus-Max-Size": str(pieces.LIMITS.max_video_bytes),
    "Tus-Checksum-Algorithm": ",".join(tus_headers.ALGORITHMS),
}
RETRY_SECONDS = 30
"""When the store may answer again."""
ROOM_SECONDS = 3600
"""When somebody may have made room in it."""
STATUS = {
    "empty": 400,
    "pieces": 400,
    "offset": 409,
    "gone": 410,
    "too_large": 413,
    "files": 422,
}
"""By the code of what an action refuses."""
NOT_READABLE = 415
"""For everything else that first bytes tell of a file."""

View = Callable[..., HttpResponse]


def speaks_tus(*methods: str) -> Callable[[View], View]:
    """Answer as the protocol asks: its headers on all answers, and one sentence when it can't be.

    The CSRF check stays on: it takes its token from the header X-CSRFToken, whatever the method. It
    has been made when the method is taken from X-HTTP-Method-Override.
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
    """For clients and proxies that let nothing but GET and POST through. Only a POST may mean
    something else: for what a link or a picture can ask, nobody checks a token."""
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
        sentence = "There is no room for files just now. Try again in an hour."
        return TusError(507, sentence, {"Retry-After": str(ROOM_SECONDS)})
    if isinstance(error, storage.StoreUnavailable):
        sentence = "Files can't be kept just now. Try again in a minute; what came in is kept."
        return TusError(503, sentence, {"Retry-After": str(RETRY_SECONDS)})
    return TusError(404, "Nothing of yours is here. Send the file again from its order's page.")


def _admit(request: HttpRequest, methods: tuple[str, ...]) -> None:
    if request.method not in methods:
        allowed = ", ".join(("OPTIONS", *methods))
        raise TusError(405, f"This address takes {allowed}.", {"Allow": allowed})
    if not request.user.is_authenticated:
        raise TusError(401, "You are signed out. Sign in, then go on; what came in is kept.")
    if request.headers.get("Tus-Resumable") != VERSION:
        raise TusError(412, f"Send the header Tus-Resumable: {VERSION}.", {"Tus-Version": VERSION})


@speaks_tus("POST")
def create_upload(
    request: SignedInRequest, shop_id: str, goes_on_at: str = "portal:upload"
) -> HttpResponse:
    """`goes_on_at` names the address to which the pieces go."""
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
    """Nothing is kept for an order on which no claim is possible; an open claim takes more."""
    claim = queries.newest_claim(order)
    if claim is not None and claim.is_open:
        return
    bars = order_stories.bars_of(order, now=now)
    if bars:
        reasons = " ".join(map(wording.sentence, bars))
        raise TusError(422, f"No claim is possible on this order, so no file is kept: {reasons}")


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
    """Take the bytes of the body as the next ones, as far as they come."""
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
        raise TusError(410, "This upload was removed already.")
    intake.discard_upload(
        token=upload.token, order_id=upload.order_id, by=request.user, now=timezone.now()
    )
    upload.refresh_from_db()
    if upload.state != Upload.State.REMOVED:
        raise TusError(403, "A claim shows this file already, so it stays.")
    return HttpResponse(status=204)


def _progress(upload: Upload) -> dict[str, str]:
    """How much is here, and until when the rest may come."""
    headers = {"Upload-Offset": str(upload.received)}
    if upload.state == Upload.State.RECEIVING:
        expires = upload.received_at + EXPIRES_AFTER
        headers["Upload-Expires"] = http_date(expires.timestamp())
    return headers
