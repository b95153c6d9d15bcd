"""The delivery of webhooks to the shop: at least once, and those of one order in their order.

There are three steps: begin, send and end. Only the middle one talks to the shop. A worker that
dies mid-send leaves a lease; once it is over, the webhook goes out again with the same id.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from claims import shop_client
from claims.models import Webhook

LEASE: Final = timedelta(minutes=2)
# Standard Webhooks advises this: more than three days in all.
BACK_OFF: Final = [
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
]
MOST_FAILURES: Final = 3
"""Failures that end one run, because a shop that refuses three won't take the others now."""
State = Webhook.State


def deliver_due(*, clock: Callable[[], datetime], limit: int = 200) -> int:
    """Send the due webhooks until the shop has taken `limit`, and return the number it took."""
    taken = failures = 0
    while settings.SHOP_URL and taken < limit and failures < MOST_FAILURES:
        webhook = _begin(now=clock())
        if webhook is None:
            break
        try:
            shop_client.post(webhook, now=clock())
        except shop_client.NotTakenError as error:
            _end(webhook, problem=str(error), now=clock())
            failures += 1
        else:
            _end(webhook, problem="", now=clock())
            taken += 1
    return taken


@transaction.atomic(durable=True)
def send_again(*, webhook_id: int, by: User, now: datetime) -> Webhook:
    """Have a worker send a dead webhook again, with the whole back-off.

    Raises `ValidationError` (`webhook`) unless it is dead; raises `PermissionDenied`.
    """
    webhook = _lock_dead(webhook_id, by=by)
    webhook.state, webhook.attempts, webhook.due_at = State.WAITING, 0, now
    webhook.settled_by = by
    webhook.save(update_fields=["state", "attempts", "due_at", "settled_by"])
    return webhook


@transaction.atomic(durable=True)
def leave_out(*, webhook_id: int, by: User) -> Webhook:
    """Leave out a dead webhook for ever, so that the later ones of its order go out.

    Raises `ValidationError` (`webhook`) unless it is dead; raises `PermissionDenied`.
    """
    webhook = _lock_dead(webhook_id, by=by)
    webhook.state, webhook.settled_by = State.LEFT_OUT, by
    webhook.save(update_fields=["state", "settled_by"])
    return webhook


@transaction.atomic(durable=True)
def _begin(*, now: datetime) -> Webhook | None:
    """Lease and return the next due webhook that is the first unsent one of its order, or None."""
    earlier = Webhook.objects.filter(
        order=OuterRef("order"), pk__lt=OuterRef("pk"), state__in=Webhook.UNSENT
    )
    due = Webhook.objects.filter(
        Q(leased_until__isnull=True) | Q(leased_until__lte=now),
        ~Exists(earlier),
        state=State.WAITING,
        due_at__lte=now,
    )
    webhook = due.order_by("due_at", "pk").select_for_update(skip_locked=True).first()
    if webhook:
        webhook.begin(at=now, leased_until=now + LEASE)
    return webhook


@transaction.atomic(durable=True)
def _end(sent: Webhook, *, problem: str, now: datetime) -> None:
    """Save the result. Ignore a failure if another worker has begun to send the webhook since."""
    webhook = Webhook.objects.select_for_update().get(pk=sent.pk)
    if webhook.state != State.WAITING:
        return
    if not problem:
        webhook.settle(State.SENT, sent_at=now)
    elif webhook.attempts != sent.attempts:
        return
    elif webhook.attempts > len(BACK_OFF):
        webhook.settle(State.DEAD, problem=problem)
    else:
        webhook.settle(State.WAITING, problem=problem, due_at=now + BACK_OFF[webhook.attempts - 1])


def _lock_dead(webhook_id: int, *, by: User) -> Webhook:
    if not by.has_perm("claims.settle_webhook"):
        raise PermissionDenied(_("Only Supervisors settle what the shop didn't take."))
    webhooks = Webhook.objects.select_for_update(of=("self",)).select_related("order")
    webhook = webhooks.get(pk=webhook_id)
    if webhook.state != State.DEAD:
        raise ValidationError(
            _("%(webhook)s is %(state)s: only what was given up is sent again or left out."),
            code="webhook",
            params={"webhook": webhook, "state": webhook.get_state_display()},
        )
    return webhook
