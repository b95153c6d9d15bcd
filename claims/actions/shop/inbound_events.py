"""The shop's events: this stores them, sorts them by time, and applies each once that is possible.

The result is a function of the set of events. An event that can't be applied yet waits, such as a
sign of an order that hasn't arrived, or a purchase before its top-up. There is one exception:
returned credit stays returned. If the shop tells of a cancellation first and of an earlier SMS
later, the price stays with the customer, and the SMS is flagged as late.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.customers import contested_addresses
from claims.actions.orders.buyers import CONTESTED
from claims.actions.orders.intake import UPDATED_AT_ONCE, lock_intake, receive
from claims.actions.orders.service_names import resolve_services
from claims.actions.review.replacements import decline, lock_requests, provide
from claims.actions.shop.acknowledgements import acknowledge
from claims.actions.shop.credit_events import (
    adjust_credit,
    book_refunds,
    keep_balances,
    keep_disputes,
    keep_supplier_entries,
)
from claims.actions.shop.customer_names import name_customers
from claims.actions.shop.event_contents import Subject, Told, subject_of
from claims.formats.fields import BadRow
from claims.formats.reports import OrderReport, Sign
from claims.formats.shop_contents import Contents, Declined, Provided
from claims.formats.shop_messages import ShopMessage, read_contents
from claims.models import Contradiction, Order, Replacement, ShopEvent
from claims.wording.validation_errors import text_of

State = ShopEvent.State
CONFLICT = "conflict"
"""The state that answers an event whose id came before with other content."""
Type = ShopEvent.Type
KNOWN_TYPES = frozenset(Type.values)
NOT_YET = "the order isn't known yet"
logger = logging.getLogger(__name__)
Reply = TypeVar("Reply", Provided, Declined)
Said = TypeVar("Said")
MOST_CAUGHT_UP = 500
MOST_RETRIED = 500


class EventAnswer(NamedTuple):
    """The result of one event."""

    event_id: str
    state: str
    problem: str
    is_new: bool


@transaction.atomic(durable=True)
def receive_shop_events(*, messages: Sequence[ShopMessage], now: datetime) -> list[EventAnswer]:
    """Store these events, apply those that can be applied, and return the answers in their order.

    The first event of an id counts, whatever comes later with the same id.
    """
    lock_intake()
    new = _keep(messages, now=now)
    _apply([*_with_waiting(new), *_known_by_now(now=now)], new, now=now)
    ids = {message.event_id for message in messages}
    kept = ShopEvent.objects.in_bulk(ids, field_name="event_id")
    contradicting = [m for m in messages if _contradicts(m, kept[m.event_id])]
    _keep_contradictions(contradicting, kept, now=now)
    return [_answer(message, kept[message.event_id], new) for message in messages]


@transaction.atomic(durable=True)
def retry_waiting(*, now: datetime, limit: int = MOST_RETRIED) -> int:
    """Apply the newest waiting events that can be applied by now; return their number.

    Events of the same order or customer retry each other. This finds what else has happened, such
    as a merge of two customers or an import.
    """
    lock_intake()
    newest = ShopEvent.objects.filter(state=State.WAITING).order_by("-pk")[:limit]
    waiting = sorted(newest, key=lambda event: event.pk)
    _apply(waiting, {}, now=now)
    return sum(event.state != State.WAITING for event in waiting)


def _answer(message: ShopMessage, event: ShopEvent, new: Collection[int]) -> EventAnswer:
    if _contradicts(message, event):
        problem = "this id was used before, for other content; send a new event with another id"
        return EventAnswer(event.event_id, CONFLICT, problem, is_new=False)
    return EventAnswer(event.event_id, event.state, event.problem, is_new=event.pk in new)


def _contradicts(message: ShopMessage, event: ShopEvent) -> bool:
    return (message.type, message.at, message.data) != (event.type, event.at, event.data)


def _keep_contradictions(
    messages: Iterable[ShopMessage], kept: Mapping[str, ShopEvent], *, now: datetime
) -> None:
    """Store other contents under the ids of kept events, each content once."""
    rows = []
    for message in messages:
        logger.warning("shop event %s came again with other content", message.event_id)
        said = json.dumps([message.type, message.at.isoformat(), message.data], sort_keys=True)
        rows.append(
            Contradiction(
                event=kept[message.event_id],
                type=message.type,
                at=message.at,
                data=message.data,
                digest=hashlib.sha256(said.encode()).hexdigest(),
                received_at=now,
            )
        )
    Contradiction.objects.bulk_create(rows, ignore_conflicts=True)


def _keep(messages: Sequence[ShopMessage], *, now: datetime) -> dict[int, Contents | None]:
    """Store the new messages, and return their contents by primary key, or None if unreadable."""
    first = {message.event_id: message for message in reversed(messages)}
    there = ShopEvent.objects.filter(event_id__in=first).values_list("event_id", flat=True)
    missing = [first[event_id] for event_id in first.keys() - set(there)]
    missing.sort(key=lambda message: (message.at, message.event_id))
    rows = [_row(message, now=now) for message in missing]
    made = ShopEvent.objects.bulk_create(row for row, _ in rows)
    return {event.pk: contents for event, (_, contents) in zip(made, rows, strict=True)}


def _row(message: ShopMessage, *, now: datetime) -> tuple[ShopEvent, Contents | None]:
    """Return the unsaved row of a message, and the contents, or None if they are unreadable."""
    contents, state, problem = None, State.WAITING, NOT_YET
    if message.type not in KNOWN_TYPES:
        state, problem = State.UNKNOWN, ""
        logger.warning("shop event %s is of unknown type %s", message.event_id, message.type)
    else:
        try:
            contents = read_contents(message, now=now)
        except BadRow as error:
            state, problem = State.REFUSED, str(error)
    event = ShopEvent(
        event_id=message.event_id,
        type=message.type,
        at=message.at,
        data=message.data,
        **(subject_of(contents) if contents else Subject())._asdict(),
        state=state,
        problem=problem,
        received_at=now,
        settled_at=None if state == State.WAITING else now,
    )
    return event, contents


def _with_waiting(new: Collection[int]) -> list[ShopEvent]:
    """Return the new events that can be applied, and the waiting ones that may depend on them.

    The latter are about the same orders or customers. The result is in order of primary key.
    """
    waiting = ShopEvent.objects.filter(state=State.WAITING)
    fresh = list(waiting.filter(pk__in=new))
    orders = {event.shop_order_id for event in fresh} - {""}
    buyers = Order.objects.filter(shop_id__in=orders).values_list("customer__email", flat=True)
    emails = {event.customer_email for event in fresh} | {email.lower() for email in buyers}
    reported = waiting.filter(shop_order_id__in=orders).exclude(customer_email="")
    emails |= set(reported.values_list("customer_email", flat=True))
    of_customers = waiting.filter(customer_email__in=emails - {""})
    orders |= set(of_customers.values_list("shop_order_id", flat=True)) - {""}
    of_orders = waiting.filter(shop_order_id__in=orders)
    found = {event.pk: event for event in [*fresh, *of_customers, *of_orders]}
    return [found[pk] for pk in sorted(found)]


def _known_by_now(*, now: datetime) -> list[ShopEvent]:
    """Return events that came while their types were unknown, and that can be read now.

    Those that can't are refused.
    """
    readable = []
    unknown = ShopEvent.objects.filter(state=State.UNKNOWN, type__in=KNOWN_TYPES)
    for event in unknown[:MOST_CAUGHT_UP]:
        try:
            _read_again(event, now=now)
        except BadRow as error:
            event.state, event.problem, event.settled_at = State.REFUSED, str(error), now
            event.save(update_fields=["state", "problem", "settled_at"])
        else:
            readable.append(event)
    return readable


def _apply(
    events: Sequence[ShopEvent], new: Mapping[int, Contents | None], *, now: datetime
) -> None:
    if not events:
        return
    told = Told.by({event.pk: new.get(event.pk) or _read_again(event, now=now) for event in events})
    by_time = sorted(events, key=lambda event: (event.at, event.event_id))
    # A replacement that the shop provides must exist before the signs of it are applied. A refusal
    # comes last, because the other events of the order may have ended its request: hence the second
    # `lock_requests`.
    requests = lock_requests(told.request_ids)
    provided = dict(zip(told.provided, resolve_services([*told.provided.values()]), strict=True))
    too_late = _reply(by_time, provided, requests, _provide, now=now)
    impossible = _impossible(told.signs, told.reports)
    possible = [sign for sign in told.signs if sign.line not in impossible]
    owners = {request.claim.order.customer_id for request in requests.values()}
    touched = told.touched({event.pk: event.at for event in events}, owners)
    answer = receive(told.reports, possible, now=now, touched=touched)
    requests = lock_requests(told.request_ids)
    too_late |= _reply(by_time, told.declined, requests, _decline, now=now)
    unclear = _of_contested_addresses(told) | dict(answer.unclear)
    clear = [event for event in by_time if event.pk not in unclear]
    adjust_credit(_by_event(clear, told.adjusted), now=now)
    keep_balances(_by_event(clear, told.balances), now=now)
    too_late |= book_refunds(_by_event(by_time, told.refunded), now=now)
    too_late |= keep_disputes(_by_event(by_time, told.disputed))
    too_late |= keep_supplier_entries(_by_event(by_time, told.supplier_moved))
    waiting, unawaited = acknowledge(
        {event: told.acknowledged[event.pk] for event in events if event.pk in told.acknowledged}
    )
    refused = dict(answer.refused) | impossible | waiting | unawaited | too_late | unclear
    too_early = waiting.keys() | _unknown(told.awaited_orders) | unclear.keys()
    for event in events:
        _settle(event, refused.get(event.pk, ""), too_early, now=now)
    _save(events, now=now)
    name_customers(events, now=now)


def _by_event(events: Sequence[ShopEvent], told: Mapping[int, Said]) -> dict[ShopEvent, Said]:
    return {event: told[event.pk] for event in events if event.pk in told}


def _of_contested_addresses(told: Told) -> dict[int, str]:
    """Return the reasons of events about a customer whom their address alone doesn't tell."""
    contested = contested_addresses(list(told.named.values()))
    return {
        pk: CONTESTED.format(email=named.email)
        for pk, named in told.named.items()
        if not named.customer_id and named.email in contested
    }


def _read_again(event: ShopEvent, *, now: datetime) -> Contents:
    """Return the contents of an event from an earlier request, which were readable then."""
    message = ShopMessage(event.event_id, event.type, event.at, event.data)
    return read_contents(message, now=max(now, event.received_at))


def _unknown(awaited_orders: Mapping[int, str]) -> set[int]:
    """Return the primary keys of the events whose orders don't exist yet."""
    found = Order.objects.filter(shop_id__in=set(awaited_orders.values()))
    known = set(found.values_list("shop_id", flat=True))
    return {pk for pk, shop_id in awaited_orders.items() if shop_id not in known}


def _reply(
    events: Iterable[ShopEvent],
    replies: Mapping[int, Reply],
    requests: Mapping[str, Replacement],
    take: Callable[[Replacement, Reply, datetime], object],
    *,
    now: datetime,
) -> dict[int, str]:
    """Apply replies to requests, in the events' order; return the reasons of the refused ones."""
    refused = {}
    for pk, reply in ((event.pk, replies[event.pk]) for event in events if event.pk in replies):
        if reply.request_id not in requests:
            refused[pk] = "this request_id is none of ours"
            continue
        try:
            with transaction.atomic():
                take(requests[reply.request_id], reply, now)
        except ValidationError as error:
            refused[pk] = text_of(error)
    return refused


def _provide(request: Replacement, provided: Provided, now: datetime) -> None:
    provide(request, provided, now=now)


def _decline(request: Replacement, declined: Declined, now: datetime) -> None:
    decline(request, declined.reason, now=now)


def _impossible(signs: Sequence[Sign], reports: Sequence[OrderReport]) -> dict[int, str]:
    """Return the reasons why signs don't fit their orders, by line."""
    ids = {sign.order_id for sign in signs}
    stored = Order.objects.filter(shop_id__in=ids).values_list("shop_id", "purchased_at", "product")
    orders = {report.order_id: (report.purchased_at, report.product) for report in reports}
    orders |= {shop_id: (at, product) for shop_id, at, product in stored}
    reasons = {}
    for sign in signs:
        purchased_at, product = orders.get(sign.order_id, (None, ""))
        if product == Order.Product.TOP_UP:
            reasons[sign.line] = f"{sign.order_id} is a top-up"
        elif purchased_at and sign.at < purchased_at:
            reasons[sign.line] = f"{sign.order_id} was bought only on {purchased_at.isoformat()}"
    return reasons


def _settle(event: ShopEvent, reason: str, too_early: Collection[int], *, now: datetime) -> None:
    if event.pk in too_early:
        event.state, event.problem, event.settled_at = State.WAITING, reason or NOT_YET, None
        return
    event.state = State.REFUSED if reason else State.APPLIED
    event.problem, event.settled_at = reason, now


def _save(events: Sequence[ShopEvent], *, now: datetime) -> None:
    """Save the states. The applied ones need one statement; `bulk_update` compares row with row."""
    applied = [event.pk for event in events if event.state == State.APPLIED]
    ShopEvent.objects.filter(pk__in=applied).update(state=State.APPLIED, problem="", settled_at=now)
    others = [event for event in events if event.state != State.APPLIED]
    ShopEvent.objects.bulk_update(
        others, ["state", "problem", "settled_at"], batch_size=UPDATED_AT_ONCE
    )
