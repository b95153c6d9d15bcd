"""What the shop tells us over its API: kept, put in order, and applied as soon as it can be.

The end is a function of the set of events. What can't be applied yet waits: a sign of an order that
hasn't arrived, a purchase whose top-up hasn't. Only what has been paid back is never taken again:
an SMS from before a cancellation that is told after it leaves the price returned, and is flagged.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, Q

from accounts.customers import add_customers, find_customers
from accounts.models import User
from claims.actions.orders.intake import UPDATED_AT_ONCE, lock_intake, receive
from claims.actions.review.replacements import decline, lock_requests, provide
from claims.actions.shop.acknowledgements import acknowledge
from claims.formats.report_fields import BadRow
from claims.formats.reports import OrderReport, Sign
from claims.formats.shop_messages import Contents, ShopMessage, read_contents
from claims.models import Order, Replacement, ShopEvent

State = ShopEvent.State
Type = ShopEvent.Type
NOT_YET = "the order isn't known yet"
logger = logging.getLogger(__name__)


class EventAnswer(NamedTuple):
    """What became of one event."""

    event_id: str
    state: str
    problem: str
    is_new: bool


@transaction.atomic(durable=True)
def receive_shop_events(*, messages: Sequence[ShopMessage], now: datetime) -> list[EventAnswer]:
    """Keep these events, apply what can be applied, and answer them one by one, in their order.

    Each id counts once, whatever comes with it again.
    """
    lock_intake()
    new = _keep(messages, now=now)
    _apply(_with_waiting(new), now=now)
    ids = {message.event_id for message in messages}
    kept = ShopEvent.objects.in_bulk(ids, field_name="event_id")
    return [
        EventAnswer(event.event_id, event.state, event.problem, is_new=event.pk in new)
        for event in (kept[message.event_id] for message in messages)
    ]


def _keep(messages: Sequence[ShopMessage], *, now: datetime) -> set[int]:
    """Store those that aren't there yet; their primary keys."""
    first = {message.event_id: message for message in reversed(messages)}
    there = ShopEvent.objects.filter(event_id__in=first).values_list("event_id", flat=True)
    missing = [first[event_id] for event_id in first.keys() - set(there)]
    missing.sort(key=lambda message: (message.at, message.event_id))
    made = ShopEvent.objects.bulk_create(_row(message, now=now) for message in missing)
    return {event.pk for event in made}


def _row(message: ShopMessage, *, now: datetime) -> ShopEvent:
    contents, state, problem = Contents(), State.WAITING, NOT_YET
    if message.type not in Type.values:
        state, problem = State.UNKNOWN, ""
        logger.warning("shop event %s is of unknown type %s", message.event_id, message.type)
    else:
        try:
            contents = read_contents(message, line=0, now=now)
        except BadRow as error:
            state, problem = State.REFUSED, str(error)
    return ShopEvent(
        event_id=message.event_id,
        type=message.type,
        at=message.at,
        data=message.data,
        shop_order_id=contents.shop_order_id,
        customer_email=contents.customer_email,
        customer_name=contents.customer_name,
        state=state,
        problem=problem,
        received_at=now,
        settled_at=None if state == State.WAITING else now,
    )


def _with_waiting(new: Collection[int]) -> list[ShopEvent]:
    """The new events that can be applied, and the waiting ones that they may have made way for."""
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


def _apply(events: Sequence[ShopEvent], *, now: datetime) -> None:
    if not events:
        return
    told = {event.pk: _contents(event, now=now) for event in events}
    asked = {_request_in(contents) for contents in told.values()}
    # What is provided comes before the signs of it. A price goes back only after what else the
    # shop tells of its order, which may have ended the request; so they are read anew.
    too_late = _each_request(events, told, lock_requests(asked), _provide, now=now)
    reports = [contents.report for contents in told.values() if contents.report]
    signs = [contents.sign for contents in told.values() if contents.sign]
    impossible = _impossible(signs, reports)
    possible = [sign for sign in signs if sign.line not in impossible]
    answer = receive(reports, possible, now=now)
    too_late |= _each_request(events, told, lock_requests(asked), _decline, now=now)
    waiting, unawaited = acknowledge(
        {event: said for event in events if (said := told[event.pk].acknowledged)}
    )
    refused = dict(answer.refused) | impossible | waiting | unawaited | too_late
    too_early = answer.uncovered | waiting.keys()
    known = set(
        Order.objects.filter(
            shop_id__in={contents.shop_order_id for contents in told.values()}
        ).values_list("shop_id", flat=True)
    )
    for event in events:
        _settle(event, refused.get(event.pk, ""), known, too_early, now=now)
    _save(events, now=now)
    _name_customers(events, now=now)


def _request_in(contents: Contents) -> str:
    answer = contents.provided or contents.declined
    return answer.request_id if answer else ""


def _each_request(
    events: Iterable[ShopEvent],
    told: Mapping[int, Contents],
    requests: Mapping[str, Replacement],
    answer: Callable[[Replacement, Contents, datetime], None],
    *,
    now: datetime,
) -> dict[int, str]:
    """EventAnswer the requests in this way, where an event does; why some can't be, by event."""
    refused = {}
    for event in sorted(events, key=lambda event: (event.at, event.event_id)):
        request_id = _request_in(told[event.pk])
        if request_id and request_id not in requests:
            refused[event.pk] = "this request_id is none of ours"
        elif request_id:
            try:
                with transaction.atomic():
                    answer(requests[request_id], told[event.pk], now)
            except ValidationError as error:
                refused[event.pk] = " ".join(error.messages)
    return refused


def _provide(request: Replacement, contents: Contents, now: datetime) -> None:
    if contents.provided:
        provide(request, contents.provided, now=now)


def _decline(request: Replacement, contents: Contents, now: datetime) -> None:
    if contents.declined:
        decline(request, contents.declined.reason, now=now)


def _contents(event: ShopEvent, *, now: datetime) -> Contents:
    """What a kept event says. It could be read when it came."""
    message = ShopMessage(event.event_id, event.type, event.at, event.data)
    return read_contents(message, line=event.pk, now=max(now, event.received_at))


def _impossible(signs: Sequence[Sign], reports: Sequence[OrderReport]) -> dict[int, str]:
    """Why signs can't be of their orders, by line."""
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


def _settle(
    event: ShopEvent, reason: str, known: Collection[str], too_early: Collection[int],
    *, now: datetime,
) -> None:  # fmt: skip
    is_about_an_order = event.shop_order_id and event.type != Type.REPLACEMENT_PROVIDED
    if event.pk in too_early or (is_about_an_order and event.shop_order_id not in known):
        event.problem = reason or NOT_YET
        return
    event.state = State.REFUSED if reason else State.APPLIED
    event.problem, event.settled_at = reason, now


def _save(events: Sequence[ShopEvent], *, now: datetime) -> None:
    """What is applied in one statement: `bulk_update` compares each row with each."""
    applied = [event.pk for event in events if event.state == State.APPLIED]
    ShopEvent.objects.filter(pk__in=applied).update(state=State.APPLIED, problem="", settled_at=now)
    others = [event for event in events if event.state != State.APPLIED]
    ShopEvent.objects.bulk_update(
        others, ["state", "problem", "settled_at"], batch_size=UPDATED_AT_ONCE
    )


def _name_customers(events: Iterable[ShopEvent], *, now: datetime) -> None:
    """Add the customers that the shop tells of, and call those by its newest name for them who
    haven't signed in here yet. What they call themselves stays.
    """
    told = {e.customer_email for e in events if e.customer_email and e.state == State.APPLIED}
    if not told:
        return
    # What is about the customer counts more than what an order mentions.
    is_own = ExpressionWrapper(Q(type=Type.CUSTOMER_UPSERTED), output_field=BooleanField())
    named = (
        ShopEvent.objects.filter(customer_email__in=told, state=State.APPLIED)
        .exclude(customer_name="")
        .order_by("customer_email", is_own.desc(), "-at", "-customer_name")
        .distinct("customer_email")
    )
    names = dict.fromkeys(sorted(told), "")
    names |= dict(named.values_list("customer_email", "customer_name"))
    add_customers(names, now=now)
    renamed = [user for user in find_customers(names).values() if _is_renamed(user, names)]
    for user in renamed:
        user.display_name = names[user.email.lower()]
    User.objects.bulk_update(renamed, ["display_name"])


def _is_renamed(user: User, names: Mapping[str, str]) -> bool:
    name = names[user.email.lower()]
    is_theirs = user.last_login is not None or user.is_staff
    return bool(name) and name != user.display_name and not is_theirs
