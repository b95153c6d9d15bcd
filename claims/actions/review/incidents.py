"""One answer for a group of claims. A worker still assesses and decides each claim by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from accounts.models import User
from claims import policy, queries
from claims.actions.core.locks import lock_customer
from claims.actions.review import guards
from claims.actions.review.approvals import refuse_judged, refuse_to_approve
from claims.actions.review.decisions import approve_locked
from claims.actions.review.guards import lock_for_incident
from claims.actions.review.leases import refuse_others_than_reviewers
from claims.models import Approval, ApprovalLimit, Claim, Decision, Incident, IncidentClaim
from claims.queries.review import previews
from claims.queries.review.approval_limits import Turn, approval_limits, turn_of
from claims.queries.review.previews import Foreseen
from claims.wording.validation_errors import text_of

WORK_OFF = "claims.work_off_incident"
MOST_AT_ONCE = 500
"""Claims of one incident. The next incident takes the rest of the group."""

State = Incident.State
ItemState = IncidentClaim.State


@dataclass(frozen=True, kw_only=True)
class GroupAnswer:
    """A reviewer's one answer for the group: the cause lay with the shop, because …"""

    because: str
    note: str = ""
    """For the customers."""
    others: Mapping[str, str]
    """`met` or `failed` for the other clauses that only a person can decide."""

    @property
    def by_clause(self) -> dict[str, str]:
        given = {clause: answer for clause, answer in self.others.items() if answer}
        return {**given, policy.Clause.SERVER_SIDE.value: policy.Outcome.MET.value}


@transaction.atomic(durable=True)
def answer_group(
    *,
    group: queries.ClaimGroup,
    by: User,
    answer: GroupAnswer,
    picked: Mapping[int, int],
    submission: UUID,
    now: datetime,
) -> Incident:
    """Store the answer for the picked claims of a group, and have a worker decide each of them.

    `picked` maps each claim's id to the id of the newest event that the reviewer has seen. The same
    form sent twice makes one incident. Raises `ValidationError`: `because` without a reason,
    `claims` for no claim of the group or more than `MOST_AT_ONCE`; raises `PermissionDenied`.
    """
    refuse_others_than_reviewers(by)
    lock_customer(by)
    earlier = Incident.objects.filter(submission=submission, by=by).first()
    if earlier:
        return earlier
    claims = list(queries.claims_of_group(group).filter(pk__in=picked))
    _refuse_answer(answer, claims)
    incident = Incident.objects.create(
        supplier=group.supplier,
        service=group.service,
        country=group.country,
        hour=group.hour,
        because=answer.because.strip(),
        answers=answer.by_clause,
        note=answer.note.strip(),
        by=by,
        answered_at=now,
        submission=submission,
    )
    IncidentClaim.objects.bulk_create(
        IncidentClaim(incident=incident, claim=claim, seen=picked[claim.pk]) for claim in claims
    )
    _have_worked_off(incident)
    return incident


def _refuse_answer(answer: GroupAnswer, claims: Sequence[Claim]) -> None:
    if not answer.because.strip():
        raise ValidationError(_("Say why the cause lay with the shop."), code="because")
    if not claims:
        raise ValidationError(_("Choose at least one claim of the group."), code="claims")
    if len(claims) > MOST_AT_ONCE:
        raise ValidationError(
            _("Choose at most %(most)s claims at once."),
            code="claims",
            params={"most": MOST_AT_ONCE},
        )


def _have_worked_off(incident: Incident) -> None:
    """Defer the job, unless one waits already. Only one job of an incident runs at a time."""
    name = f"incident:{incident.pk}"
    task = app.configure_task(WORK_OFF, lock=name, queueing_lock=name)
    with suppress(AlreadyEnqueued), transaction.atomic():
        task.defer(incident_id=incident.pk)


def work_off(*, incident_id: int, clock: Callable[[], datetime]) -> None:
    """Decide the waiting claims one by one, until none waits or somebody stops the incident.

    A killed job that starts again goes on where it was, because one transaction decides a claim and
    marks its item.
    """
    while work_on_next(incident_id=incident_id, now=clock()):
        pass
    _finish(incident_id, now=clock())


@transaction.atomic(durable=True)
def work_on_next(*, incident_id: int, now: datetime) -> IncidentClaim | None:
    """Decide the next claim, mark its item and return it; None if there is nothing to do.

    Several workers may do this at once: each takes an item that no other locks. An item that the
    policy or a guard refuses is marked as left; any other failure undoes the step and is raised.
    """
    item = _lock_next(incident_id)
    if item is None:
        return None
    try:
        with transaction.atomic():
            made = _approve(item, now=now)
    except (ValidationError, PermissionDenied) as error:
        why = text_of(error)
    else:
        why = _takes_another(made.amount, made.currency) if isinstance(made, Approval) else ""
    _mark(item, why=why, now=now)
    return item


def _lock_next(incident_id: int) -> IncidentClaim | None:
    waiting = IncidentClaim.objects.filter(
        incident=incident_id, incident__state=State.RUNNING, state=ItemState.WAITING
    )
    locked = waiting.select_for_update(skip_locked=True, of=("self",))
    return locked.select_related("incident__by").order_by("pk").first()


def _approve(item: IncidentClaim, *, now: datetime) -> object:
    incident = item.incident
    claim = lock_for_incident(item.claim_id, by=incident.by, seen=item.seen, now=now)
    return approve_locked(
        claim,
        by=incident.by,
        answers=incident.answers,
        note=incident.note,
        now=now,
        incident=incident.pk,
    )


def _takes_another(amount: object, currency: str) -> str:
    return str(
        _(
            "%(amount)s %(currency)s is more than one person pays alone. The first approval is"
            " kept, and somebody else's is needed."
        )
    ) % {"amount": amount, "currency": currency}


def _mark(item: IncidentClaim, *, why: str, now: datetime) -> None:
    item.state = ItemState.LEFT if why else ItemState.APPROVED
    item.why = why
    item.at = now
    item.save(update_fields=["state", "why", "at"])


@transaction.atomic(durable=True)
def _finish(incident_id: int, *, now: datetime) -> None:
    """Mark the incident as done if no item waits. Another worker may still hold the last one."""
    incident = _lock(incident_id)
    if incident.state == State.RUNNING and not _waits(incident):
        incident.state = State.DONE
        incident.ended_at = now
        incident.save(update_fields=["state", "ended_at"])


@transaction.atomic(durable=True)
def stop(*, incident_id: int, by: User, now: datetime) -> Incident:
    """Stop the incident after the claim that a worker is deciding.

    Raises `ValidationError` (`status`) unless it is running and an item waits; raises
    `PermissionDenied`.
    """
    refuse_others_than_reviewers(by)
    incident = _lock(incident_id)
    if incident.state != State.RUNNING or not _waits(incident):
        raise ValidationError(_("There is nothing left to stop."), code="status")
    incident.state = State.STOPPED
    incident.ended_at = now
    incident.stopped_by = by
    incident.save(update_fields=["state", "ended_at", "stopped_by"])
    return incident


@transaction.atomic(durable=True)
def resume(*, incident_id: int, by: User) -> Incident:
    """Go on with a stopped incident, in the name of the person who answered.

    Raises `ValidationError` (`status`) unless it is stopped; raises `PermissionDenied`.
    """
    refuse_others_than_reviewers(by)
    incident = _lock(incident_id)
    if incident.state != State.STOPPED:
        raise ValidationError(_("Only what was stopped can go on."), code="status")
    incident.state = State.RUNNING
    incident.ended_at = None
    incident.stopped_by = None
    incident.save(update_fields=["state", "ended_at", "stopped_by"])
    _have_worked_off(incident)
    return incident


def _lock(incident_id: int) -> Incident:
    return Incident.objects.select_for_update(of=("self",)).get(pk=incident_id)


def _waits(incident: Incident) -> bool:
    return incident.items.filter(state=ItemState.WAITING).exists()


def foresee(
    claims: Iterable[Claim],
    *,
    by: User,
    answers: Mapping[str, str],
    seen: Mapping[int, int],
    now: datetime,
) -> list[Foreseen]:
    """Return the result that an answer for the group would have for each claim, by the same rules.

    The claims come with `queries.with_their_state`, and `seen` has an event of each.
    """
    claims = list(claims)
    limits = approval_limits()
    judged = queries.judged_among([claim.pk for claim in claims], by=by)
    checks = [
        guards.check_free(by=by, now=now),
        previews.check_unmoved(seen),
        lambda claim: refuse_to_approve(claim, previews.verdict_of(claim), answers),
        lambda claim: refuse_judged(claim, judged),
        lambda claim: _refuse_alone(claim, by=by, limits=limits),
    ]
    return previews.foresee(claims, will=lambda claim: str(_("will be approved")), checks=checks)


def _refuse_alone(claim: Claim, *, by: User, limits: Mapping[str, ApprovalLimit]) -> None:
    """Raise `ValidationError` (`second-person`) if this person's approval isn't enough."""
    price, currency = claim.order.refundable, claim.order.currency
    if turn_of(claim, Decision.Outcome.REFUND, price, by=by, limits=limits) != Turn.LAST:
        raise ValidationError(_takes_another(price, currency), code="second-person")


def questions_of(claims: Iterable[Claim]) -> list[policy.Clause]:
    """Return the clauses that the open claims leave to a person, without `SERVER_SIDE`."""
    asked = {
        finding.clause
        for claim in claims
        if claim.is_open
        for finding in previews.verdict_of(claim).for_reviewer
    }
    return [clause for clause in policy.Clause if clause in asked - {policy.Clause.SERVER_SIDE}]
