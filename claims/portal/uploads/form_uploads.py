"""Receive the files of a form: stream them to disk, and sniff, measure and hash them meanwhile."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import wraps
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import (
    FileUploadHandler,
    SkipFile,
    StopUpload,
    TemporaryFileUploadHandler,
)
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from accounts.views import SignedInRequest
from claims import access
from claims.actions.uploads.intake import MOST_FILES, Received, receive_upload
from claims.inspection import SNIFF_BYTES, FileProblem, Format, Limits, sniff, why_not
from claims.models import Order
from claims.portal.uploads.store_failures import failed, problem_of
from claims.storage import StoreFull, StoreUnavailable, store_errors
from claims.wording.file_problems import file_problem

FIELD = "files"
LIMITS = Limits()
FORM_BYTES = 1024 * 1024
MOST_BYTES = MOST_FILES * LIMITS.most_bytes + FORM_BYTES
LONGEST_NAME = 120

View = Callable[..., HttpResponse]


class EvidenceUploadHandler(TemporaryFileUploadHandler):
    """Stream each file to disk, and stop reading a file that can't be evidence.

    `received` holds the files that came in whole, `problems` a sentence for each of the others, and
    `failure` the error of the disk or the store, if there was one. Neither the file's name nor the
    type that the browser sent decides anything.
    """

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.received: list[Received] = []
        self.problems: list[str] = []
        self.failure: StoreUnavailable | None = None
        self._count = 0

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        self._name = clean_name(file_name)
        # The previous file is complete: no failure from here on may close it.
        if hasattr(self, "file"):
            del self.file
        # Django puts this name into the temporary file's name.
        with self._room_on_disk():
            super().new_file(field_name, "evidence", *args, **kwargs)
        if field_name != FIELD:
            raise SkipFile
        self._count += 1
        if self._count > MOST_FILES:
            sentence = _("a claim shows at most %(most)s files, so this one was left out.")
            self._refuse(sentence % {"most": MOST_FILES})
        self._head = b""
        self._format: Format | None = None
        self._size = 0
        self._hash = hashlib.sha256()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._format is None:
            self._head += raw_data
            if len(self._head) >= SNIFF_BYTES:
                self._recognise()
        self._size += len(raw_data)
        self._refuse_too_large()
        self._hash.update(raw_data)
        with self._room_on_disk():
            super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> UploadedFile[bytes] | None:
        try:
            if self._format is None:
                self._recognise()
            self._refuse_too_large()
            with self._room_on_disk():
                file = super().file_complete(file_size)
        except SkipFile:
            self.file.close()
            return None
        self.received.append(self._described())
        return file

    @contextmanager
    def _room_on_disk(self) -> Iterator[None]:
        """Leave the file out when the disk fails; the rest of the form is read all the same."""
        try:
            with store_errors():
                yield
        except StoreUnavailable as failure:
            self.failure = failure
            # Closing writes the rest of the file, which fails on a full disk, too.
            with suppress(OSError):
                if hasattr(self, "file"):
                    self.file.close()
            self.problems.append(problem_of(self._name, failure))
            raise SkipFile from failure

    def _recognise(self) -> None:
        self._format = sniff(self._head[:SNIFF_BYTES])
        if self._format is None:
            self._refuse(file_problem(why_not(self._head[:SNIFF_BYTES]), LIMITS))

    def _refuse_too_large(self) -> None:
        most = LIMITS.max_bytes(self._format.evidence_kind) if self._format else LIMITS.most_bytes
        if self._size > most:
            self._refuse(file_problem(FileProblem.TOO_LARGE, LIMITS))

    def _refuse(self, why: str) -> None:
        """Store no more of this file. The parser skips the rest."""
        self.problems.append(f"{self._name}: {why}")
        raise SkipFile

    def _described(self) -> Received:
        if self._format is None:
            raise ValueError("A file that isn't recognised is never complete.")
        return Received(
            file=self.file,
            name=self._name,
            kind=self._format.evidence_kind,
            size=self._size,
            sha256=self._hash.hexdigest(),
        )


class NoFilesHandler(FileUploadHandler):
    """Stop reading a request where a file begins. All pages that take no files use it.

    The CSRF check reads the form before the view knows who asks. If it kept files, anyone could
    fill the disk.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        raise StopUpload(connection_reset=True)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        raise StopUpload(connection_reset=True)

    def file_complete(self, file_size: int) -> None:
        return None


def clean_name(name: str) -> str:
    """Return the last part of the file's path, as a name to show on one line."""
    last = name.replace("\\", "/").rpartition("/")[2]
    visible = "".join(c for c in last if unicodedata.category(c)[0] != "C")
    return " ".join(visible.split())[:LONGEST_NAME] or "file"


def receives_files(view: View) -> View:
    """Have the view's files received by `EvidenceUploadHandler`.

    The handler must be set before anything reads the body. The CSRF check reads it, so the view is
    exempt from the middleware's check and makes its own.
    """
    checked = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def receive(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if _announced_bytes(request) > MOST_BYTES:
            page = {"limits": LIMITS, "most_files": MOST_FILES}
            return render(request, "portal/too_large.html", page, status=413)
        request.upload_handlers = [EvidenceUploadHandler(request)]
        return checked(request, *args, **kwargs)

    return receive


def keep_files(request: SignedInRequest, *, order: Order, now: datetime) -> list[str]:
    """Put the files of this request into the spool; return the problems of those left out.

    A file that is waiting for this order already isn't kept twice, so a form that is sent again
    after an error or a reload adds nothing.
    """
    request.POST  # noqa: B018  # reading the body is what fills the handler
    (handler,) = request.upload_handlers
    if not isinstance(handler, EvidenceUploadHandler):
        raise TypeError("The view needs @receives_files.")
    problems = list(handler.problems)
    down: StoreUnavailable | None = None
    known = set(access.unused_uploads(request.user, order).values_list("sha256", flat=True))
    for received in handler.received:
        if received.sha256 in known:
            continue
        if down:
            problems.append(problem_of(received.name, down))
            continue
        try:
            receive_upload(order=order, by=request.user, received=received, now=now)
        except ValidationError as error:
            problems += [f"{received.name}: {message}" for message in error.messages]
        except StoreUnavailable as failure:
            handler.failure = failure
            # A full store may have room for a smaller file; one that is down has none for any.
            down = None if isinstance(failure, StoreFull) else failure
            problems.append(problem_of(received.name, failure))
        else:
            known.add(received.sha256)
    return problems


def with_failure(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return the response, marked as a failure if the store didn't take the request's files."""
    for handler in request.upload_handlers:
        if isinstance(handler, EvidenceUploadHandler) and handler.failure:
            return failed(response, handler.failure)
    return response


def _announced_bytes(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
