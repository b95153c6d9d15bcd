"""Merges of two customers into one: asked, confirmed by another person, and done a day later.

No credit moves: the survivor becomes the owner of the other's accounts, orders, claims and files.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app

from accounts import ledger
from accounts.address_holders import addresses_of, hand_over_addresses
from accounts.models import OBJECTION_TIME, CreditAccount, CustomerId, CustomerMerge, User
from claims.actions.core.locks import lock_open_claims
from claims.actions.core.notice_outbox import MAIL_MERGE
from claims.actions.orders.intake import lock_intake
from claims.actions.review.guards import refuse_empty_reason
from claims.models import Claim, CustomerFlag, Event, Notice, Order, Upload

State: Final = CustomerMerge.State


@transaction.atomic(durable=True)
def ask_merge(
    *, merged_id: int, survivor_id: int, reason: str, by: User, now: datetime
) -> CustomerMerge:
    """Ask for two customers to become one. It waits for a second person, and changes nothing.

    Raises `ValidationError` (`note` without a reason, `merge` for people who can't be merged);
    raises `PermissionDenied`.
    """
    _refuse_unpermitted("accounts.ask_merge", by)
    refuse_empty_reason(reason)
    if merged_id == survivor_id:
        raise ValidationError(_("Choose two customers: this is one and the same."), code="merge")
    merged, survivor = _lock_people(merged_id, survivor_id)
    _refuse_unfit(merged, survivor, by)
    return CustomerMerge.objects.create(
        merged=merged, survivor=survivor, reason=reason.strip(), asked_by=by, asked_at=now
    )


@transaction.atomic(durable=True)
def confirm_merge(*, merge_id: int, by: User, now: datetime) -> CustomerMerge:
    """Confirm a merge as the second person. Both customers are mailed and have a day to object.

    Raises `ValidationError` (`second-person`, or `merge` if it doesn't wait for that any more);
    raises `PermissionDenied`.
    """
    _refuse_unpermitted("accounts.confirm_merge", by)
    merge = _lock_merge(merge_id, {State.ASKED})
    if merge.asked_by_id == by.pk:
        raise ValidationError(
            _("You asked for this, so somebody else has to confirm it."), code="second-person"
        )
    merged, survivor = _lock_people(merge.merged_id, merge.survivor_id)
    _refuse_unfit(merged, survivor, by, asked=merge)
    merge.state, merge.confirmed_by, merge.confirmed_at = State.CONFIRMED, by, now
    merge.merged_address, merge.survivor_address = merged.email, survivor.email
    merge.save()
    for person in (merged, survivor):
        if person.email:
            app.configure_task(MAIL_MERGE).defer(merge_id=merge.pk, user_id=person.pk)
    return merge


@transaction.atomic(durable=True)
def cancel_merge(*, merge_id: int, by: User, now: datetime) -> CustomerMerge:
    """Cancel a merge that isn't done.

    Raises `ValidationError` (`merge`) if it ended already; raises `PermissionDenied`.
    """
    _refuse_unpermitted("accounts.confirm_merge", by)
    merge = _lock_merge(merge_id, CustomerMerge.LIVE)
    return _end(merge, State.CANCELLED, by=by, now=now)


@transaction.atomic(durable=True)
def object_to_merge(*, merge_id: int, user_id: int, now: datetime) -> CustomerMerge:
    """Stop a merge at the wish of one of its two customers. A repeat changes nothing.

    Raises `ValidationError` (`merge`) if it is done or cancelled, or isn't this person's.
    """
    merge = _lock_merge(merge_id, {State.CONFIRMED, State.OBJECTED})
    if user_id not in (merge.merged_id, merge.survivor_id):
        raise ValidationError(_("This concerns two other customers."), code="merge")
    if merge.state == State.OBJECTED:
        return merge
    return _end(merge, State.OBJECTED, by=User.objects.get(pk=user_id), now=now)


def due_merges(*, now: datetime) -> list[int]:
    """Return the ids of the merges to which both customers had a day to object."""
    before = now - OBJECTION_TIME
    due = CustomerMerge.objects.filter(
        Q(merged_address="") | Q(merged_mailed_at__lte=before),
        Q(survivor_address="") | Q(survivor_mailed_at__lte=before),
        state=State.CONFIRMED,
        confirmed_at__lte=before,
    )
    return list(due.order_by("pk").values_list("pk", flat=True))


@transaction.atomic(durable=True)
def complete_merge(*, merge_id: int, now: datetime) -> CustomerMerge:
    """Make two customers one; `now` is the database's time. Nothing undoes it.

    Raises `ValidationError` (`merge`) if it ended meanwhile, or if one of the two is staff by now
    or has another address than the one that was mailed.
    """
    lock_intake()
    merge = _lock_merge(merge_id, {State.CONFIRMED})
    merged, survivor = _lock_people(merge.merged_id, merge.survivor_id)
    _refuse_staff(merged, survivor)
    _refuse_moved(merge, merged, survivor)
    orders = list(Order.objects.filter(customer=merged).order_by("pk").select_for_update())
    lock_open_claims(orders)
    ledger.lock_accounts([merged.pk, survivor.pk])
    merge.state, merge.done_at, merge.moved = State.DONE, now, _summary(merged, orders)
    merge.save()
    _hand_over(merged, survivor, now=now)
    _record(merge, orders, now=now)
    return merge


def _hand_over(merged: User, survivor: User, *, now: datetime) -> None:
    hand_over_addresses(merged, survivor, now=now)
    CreditAccount.objects.filter(owner=merged).update(
        owner=survivor, former_owner=Coalesce("former_owner", "owner")
    )
    Order.objects.filter(customer=merged).update(customer=survivor)
    Upload.objects.filter(customer=merged).update(customer=survivor)
    CustomerFlag.objects.filter(customer=merged).update(customer=survivor)
    CustomerId.objects.filter(user=merged).update(
        user=survivor, merged_at=Coalesce("merged_at", now)
    )


def _summary(merged: User, orders: Collection[Order]) -> dict[str, Any]:
    """Return what a person has, in JSON."""
    accounts = CreditAccount.objects.filter(owner=merged).order_by("pk")
    claims = Claim.objects.filter(order__customer=merged).order_by("pk")
    ids = CustomerId.objects.filter(user=merged).order_by("customer_id")
    return {
        "addresses": addresses_of(merged),
        "customer_ids": list(ids.values_list("customer_id", flat=True)),
        "orders": [order.shop_id for order in orders],
        "claims": list(claims.values_list("code", flat=True)),
        "notices": Notice.objects.filter(event__order__customer=merged).count(),
        "accounts": [
            {
                "id": account.pk,
                "currency": account.currency,
                "balance": str(account.balance),
                "uncovered": str(account.uncovered),
            }
            for account in accounts
        ],
    }


def _record(merge: CustomerMerge, orders: Collection[Order], *, now: datetime) -> None:
    """Add an event to the story of each order that has another customer now."""
    Event.objects.bulk_create(
        Event(
            kind=Event.Kind.MERGED,
            order=order,
            at=now,
            actor=merge.confirmed_by,
            before={"customer": merge.merged_id},
            after={"customer": merge.survivor_id},
            data={"merge": merge.pk, "reason": merge.reason},
        )
        for order in orders
    )


def _lock_people(merged_id: int, survivor_id: int) -> tuple[User, User]:
    people = User.objects.select_for_update(no_key=True).order_by("pk")
    locked = {person.pk: person for person in people.filter(pk__in=[merged_id, survivor_id])}
    return locked[merged_id], locked[survivor_id]


def _lock_merge(merge_id: int, states: Collection[str]) -> CustomerMerge:
    merge = CustomerMerge.objects.select_for_update(of=("self",)).get(pk=merge_id)
    if merge.state not in states:
        raise ValidationError(
            _("Nothing has changed: this merge is %(state)s."),
            code="merge",
            params={"state": merge.get_state_display()},
        )
    return merge


def _end(merge: CustomerMerge, state: str, *, by: User, now: datetime) -> CustomerMerge:
    merge.state, merge.ended_by, merge.ended_at = state, by, now
    merge.save()
    return merge


def _refuse_unpermitted(permission: str, by: User) -> None:
    if not by.has_perm(permission):
        raise PermissionDenied(_("You may not merge customers."))


def _refuse_unfit(
    merged: User, survivor: User, by: User, *, asked: CustomerMerge | None = None
) -> None:
    """Raise `ValidationError` (`merge`) for staff, and for people of another live merge."""
    if by.pk in (merged.pk, survivor.pk):
        raise ValidationError(_("You can't merge yourself."), code="merge")
    _refuse_staff(merged, survivor)
    people = [merged.pk, survivor.pk]
    live = CustomerMerge.objects.filter(
        Q(merged__in=people) | Q(survivor__in=people), state__in=CustomerMerge.LIVE
    )
    done = CustomerMerge.objects.filter(merged__in=people, state=State.DONE)
    if asked:
        live = live.exclude(pk=asked.pk)
    if live.exists() or done.exists():
        raise ValidationError(
            _("One of the two is in another merge, or has become another customer before."),
            code="merge",
        )


def _refuse_staff(merged: User, survivor: User) -> None:
    if merged.is_staff or survivor.is_staff:
        raise ValidationError(_("A member of staff can't be merged."), code="merge")


def _refuse_moved(merge: CustomerMerge, merged: User, survivor: User) -> None:
    if (merged.email, survivor.email) != (merge.merged_address, merge.survivor_address):
        raise ValidationError(
            _(
                "One of the two has another address since both were mailed. Cancel the merge and"
                " ask for it again."
            ),
            code="merge",
        )
