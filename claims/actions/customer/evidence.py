"""The evidence of a claim: uploads that are attached at the filing or later."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from claims.actions.core.claim_columns import refresh
from claims.actions.core.events import record
from claims.actions.core.locks import lock_claim_of, refuse_closed
from claims.actions.uploads.intake import refuse_too_many
from claims.actions.uploads.repeats import look_for_repeats
from claims.models import Change, Claim, Event, Evidence, Message, Upload
from claims.models.upload import is_token
from claims.queries.core.claim_actions import ActionName


def lock_unused(tokens: Sequence[str], *, order_id: int, by: User) -> list[Upload]:
    """Lock and return the uploads of these tokens, in the order in which they came.

    Raises `ValidationError` (`files`) for too many of them, or for one that isn't a usable upload
    of this person for this order, or that a claim shows already.
    """
    wanted = set(tokens)
    refuse_too_many(len(wanted))
    uploads = list(
        Upload.objects.select_for_update(of=("self",))
        .filter(
            token__in=filter(is_token, wanted),
            order_id=order_id,
            customer=by,
            evidence__isnull=True,
            state__in=Upload.USABLE,
        )
        .order_by("pk")
    )
    if len(uploads) != len(wanted):
        raise ValidationError(
            _(
                "One of the files isn't there any more, or can't be used."
                " Check the list and send it again."
            ),
            code="files",
        )
    return uploads


def attach(claim: Claim, *, now: datetime) -> None:
    """Make the claim's new uploads its evidence."""
    Evidence.objects.bulk_create(
        Evidence(claim=claim, upload=upload, added_at=now) for upload in claim.new_uploads
    )


@transaction.atomic(durable=True)
def add_evidence(
    *,
    claim_id: int,
    by: User,
    uploads: Sequence[str],
    message: str,
    submission: UUID,
    now: datetime,
) -> Claim:
    """Add the customer's files or words to an open claim.

    A claim that waited for the customer goes back to the reviewers; a repair and an offer go on.
    The same form sent again adds nothing. Raises `PermissionDenied`, or `ValidationError`:
    `closed`, or `files` for nothing to add, too many files, or one that isn't there.
    """
    claim = lock_claim_of(by, claim_id)
    if is_answered(claim, submission):
        return claim
    refuse_closed(claim, ActionName.ADD_EVIDENCE)
    claim.new_uploads = lock_unused(uploads, order_id=claim.order_id, by=by)
    if not claim.new_uploads and not message.strip():
        raise ValidationError(_("Add a file, or write a message."), code="files")
    take_in(claim, by=by, message=message, now=now)
    kinds = [upload.kind for upload in claim.new_uploads]
    record(
        claim,
        Event.Kind.EVIDENCE_ADDED,
        at=now,
        actor=by,
        submission=submission,
        change=_take_answer(claim),
        kinds=kinds,
    )
    refresh(claim)
    look_for_repeats(claim)
    return claim


def take_in(claim: Claim, *, by: User, message: str, now: datetime) -> None:
    """Add the claim's `new_uploads` and the customer's words to the claim.

    Raises `ValidationError` (`files`) for too many files.
    """
    shown = claim.evidence.filter(upload__state__in=Upload.USABLE)
    refuse_too_many(len(claim.new_uploads) + shown.count())
    attach(claim, now=now)
    if message.strip():
        Message.objects.create(
            claim=claim, author=by, from_staff=False, body=message.strip(), sent_at=now
        )


def _take_answer(claim: Claim) -> Change | None:
    """Give a claim that waited back to the reviewers, and forget the question to the customer."""
    waited = claim.status == Claim.Status.WAITING_CUSTOMER
    change = claim.move(Claim.Status.SUBMITTED) if waited else None
    claim.forget_question()
    return change


def is_answered(claim: Claim, submission: UUID) -> bool:
    """Return True if the claim has an event of this form already."""
    return Event.objects.filter(claim=claim, submission=submission).exists()
