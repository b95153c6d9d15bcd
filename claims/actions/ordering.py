"""How orders arrive, and how they change as the shop reports on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models import Exists, F, OuterRef

from accounts import ledger
from accounts.customers import add_customers, adopt_customers
from accounts.models import CreditTransfer, User
from claims.actions.glancing import refresh_open_claims
from claims.actions.locking import lock_open_claims, lock_order
from claims.actions.returning import return_of, return_prices
from claims.actions.shop_reports import (
    CANCELLATIONS,
    Course,
    Report,
    Sign,
    disagreement,
    earliest,
    merge,
    oldest,
    report_of,
    sign_of,
)
from claims.models import Event, Number, Order, PolicyVersion

Activation = Order.Activation
STATE = ["activation", "allotted_until", "sms_received_at", "completed_at", "reported_at",
         "described_at"]  # fmt: skip
NUMBER_STATE = ["supplier", "two_factor"]
# `bulk_update` compares each row with each: many small statements are faster than one large one.
UPDATED_AT_ONCE = 100
MOST_CREDIT = Decimal(10**12) - 1  # what the column of balances holds


@dataclass
class Arrivals:
    """What came of some reports: orders and customers counted, refused lines with the reason."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    customers: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)
    uncovered: set[int] = field(default_factory=set)
    """Those of the refused lines that only more credit is missing for."""


@dataclass(kw_only=True)
class Arrival:
    """One order on its way in: its row, saved before or not yet, and what its reports come to."""

    order: Order
    course: Course
    lines: Sequence[int]
    is_new: bool
    is_due_for_return: bool
    is_changed: bool = False

    @property
    def purse(self) -> tuple[str, str]:
        return self.course.bought.customer_email, self.order.currency

    @property
    def is_top_up(self) -> bool:
        return self.order.product == Order.Product.TOP_UP

    @property
    def cost(self) -> Decimal:
        """What has to be there when it is bought."""
        return self.order.price if self.is_new and not self.is_top_up else Decimal(0)

    @property
    def gain(self) -> Decimal:
        """What it gives, once it is paid."""
        gives = self.is_new if self.is_top_up else self.is_due_for_return
        return self.order.refundable if gives else Decimal(0)

    @property
    def turn(self) -> tuple[bool, datetime, str]:
        """What costs nothing comes first, then purchases as they were made.

        So a balance only falls from the first purchase on, and one that it didn't cover isn't
        covered either when the same reports come again.
        """
        return self.cost > 0, self.order.purchased_at, self.order.shop_id


@transaction.atomic(durable=True)
def receive_orders(*, reports: Sequence[Report], now: datetime) -> Arrivals:
    """Create and update the orders that these reports are on, their customers and their credit.

    Idempotent, and a function of the set of reports: their order means nothing. A report that
    contradicts what was bought, and a purchase that the credit doesn't cover, are refused; the
    others go on.
    """
    return receive(reports, now=now)


@transaction.atomic(durable=True)
def rehearse_orders(*, batches: Iterable[Sequence[Report]], now: datetime) -> list[Arrivals]:
    """What `receive_orders` would answer to these batches, one by one. Changes nothing.

    A later batch sees what the earlier ones would have done.
    """
    answers = [receive(reports, now=now) for reports in batches]
    transaction.set_rollback(True)
    return answers


@transaction.atomic(durable=True)
def report_sms(*, order_id: int, received_at: datetime, now: datetime) -> Order:
    """Take note of an SMS. When the price went back by itself before, it is flagged as late.

    Raises `ValidationError` (`sms`) for a top-up and for an SMS from before the purchase.
    """
    order = lock_order(order_id)
    if order.product == Order.Product.TOP_UP or received_at < order.purchased_at:
        raise ValidationError("This order can't have received an SMS at that time.", code="sms")
    order.sms_received_at = earliest(order.sms_received_at, received_at)
    order.reported_at = max(order.reported_at, received_at)
    if order.returned_at is None and order.activation in (Activation.WAITING, *CANCELLATIONS):
        order.activation = Activation.SMS_RECEIVED
    order.save(update_fields=["sms_received_at", "reported_at", "activation"])
    refresh_open_claims([order])
    _flag_late_sms([order], now=now)
    order.refresh_from_db()
    return order


def receive(reports: Sequence[Report], signs: Sequence[Sign] = (), *, now: datetime) -> Arrivals:
    """`receive_orders` within the caller's transaction, with signs of orders, too.

    A sign of an order that is neither stored nor reported is left aside.
    """
    let_one_arrive_at_a_time()
    answer = Arrivals()
    arrivals = _merge_with_stored(reports, signs, answer)
    customers = adopt_customers({arrival.purse[0] for arrival in arrivals})
    accepted = _accept_covered(arrivals, customers, answer)
    answer.customers = _add_missing_customers(accepted, customers, now=now)
    _create(accepted, customers)
    _update(accepted)
    _move_credit(accepted, now=now)
    refresh_open_claims([arrival.order for arrival in accepted if arrival.is_changed])
    late = _flag_late_sms([arrival.order for arrival in accepted], now=now)
    _count(accepted, late, answer)
    return answer


def let_one_arrive_at_a_time() -> None:
    """Whoever creates the same orders and customers at the same time waits for the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('claims: orders arrive'))")


def _merge_with_stored(
    reports: Sequence[Report], signs: Sequence[Sign], answer: Arrivals
) -> list[Arrival]:
    by_order: dict[str, list[Report]] = defaultdict(list)
    for report in reports:
        by_order[report.order_id].append(report)
    signs_of: dict[str, list[Sign]] = defaultdict(list)
    for sign in signs:
        signs_of[sign.order_id].append(sign)
    stored = _lock_orders({*by_order, *signs_of})
    arrivals = []
    for shop_id in {**by_order, **dict.fromkeys(stored)}:
        said, shown = by_order[shop_id], signs_of[shop_id]
        order = stored.get(shop_id)
        known = report_of(order) if order else oldest(said)
        agreeing = _agreeing(said, known, answer)
        if agreeing or shown:
            before = [sign_of(order)] if order else []
            course = merge([known, *agreeing], [*before, *shown])
            arrivals.append(_arrival(order, course, [*agreeing, *shown]))
    return arrivals


def _lock_orders(shop_ids: Collection[str]) -> dict[str, Order]:
    """The orders that are there already, held with their open claims."""
    orders = Order.objects.select_for_update(of=("self",)).filter(shop_id__in=shop_ids)
    locked = list(orders.select_related("number", "customer").order_by("pk"))
    lock_open_claims(locked)
    return {order.shop_id: order for order in locked}


def _agreeing(said: Sequence[Report], known: Report, answer: Arrivals) -> list[Report]:
    """The reports that agree on what was bought; the others are refused."""
    agreeing = []
    for report in said:
        reason = disagreement(report, known.bought)
        if reason:
            answer.refused.append((report.line, reason))
        else:
            agreeing.append(report)
    return agreeing


def _arrival(order: Order | None, course: Course, told: Sequence[Report | Sign]) -> Arrival:
    return Arrival(
        order=order or _new_order(told[0].order_id, course),
        course=course,
        lines=[one.line for one in told],
        is_new=order is None,
        is_due_for_return=course.is_due_for_return and (order is None or not order.is_remedied),
    )


def _new_order(shop_id: str, course: Course) -> Order:
    """A row that still lacks its customer, its policy version and its deadline."""
    bought = course.bought
    number = Number(
        phone=bought.phone,
        service=bought.service,
        country=bought.country,
        supplier=course.supplier,
        two_factor=course.two_factor,
    )
    return Order(
        shop_id=shop_id,
        product=bought.product,
        number=None if bought.product == Order.Product.TOP_UP else number,
        channel=bought.channel,
        price=bought.price,
        currency=bought.currency,
        purchased_at=bought.purchased_at,
        **_state(course),
    )


def _state(course: Course, stored: Order | None = None) -> dict[str, Any]:
    """The fields that reports change. What was cancelled with its return never waits again.

    What a person returned may wait still.
    """
    is_over = stored and stored.returned_at and stored.activation != Activation.WAITING
    waits = course.activation == Activation.WAITING
    return {
        "activation": Activation.CANCELLED.value if is_over and waits else course.activation,
        "allotted_until": course.allotted_until,
        "sms_received_at": course.sms_received_at,
        "completed_at": course.completed_at,
        "reported_at": course.reported_at,
        "described_at": course.described_at,
    }


def _accept_covered(
    arrivals: Sequence[Arrival], customers: Mapping[str, User], answer: Arrivals
) -> list[Arrival]:
    """Leave out each purchase for which there isn't enough credit when its turn comes."""
    balances = _lock_balances(customers)
    accepted = []
    for arrival in sorted(arrivals, key=lambda arrival: arrival.turn):
        left = balances[arrival.purse]
        reason = _unaffordable(arrival, left=left)
        if reason:
            answer.refused += [(line, reason) for line in arrival.lines]
            answer.uncovered |= set(arrival.lines)
        else:
            balances[arrival.purse] = left - arrival.cost + arrival.gain
            accepted.append(arrival)
    return accepted


def _lock_balances(customers: Mapping[str, User]) -> dict[tuple[str, str], Decimal]:
    """What each customer has, by email and currency: zero unless it is known."""
    emails = {user.pk: email for email, user in customers.items()}
    held = ledger.lock_balances(emails.keys()).items()
    return defaultdict(Decimal, {(emails[pk], code): balance for (pk, code), balance in held})


def _unaffordable(arrival: Arrival, *, left: Decimal) -> str:
    """Why the balance can't take it; nothing when it can."""
    email, currency = arrival.purse
    if left - arrival.cost + arrival.gain > MOST_CREDIT:
        return f"the credit balance of {email} would pass {MOST_CREDIT:,} {currency}"
    # What has gone back by now costs nothing in the end, whatever was left of the credit then.
    if arrival.cost - arrival.gain <= left or not arrival.cost:
        return ""
    return (
        f"the credit balance of {email} would fall below zero: price {arrival.cost} {currency},"
        f" {left:.2f} {currency} left; import the top-up first"
    )


def _add_missing_customers(
    accepted: Sequence[Arrival], customers: dict[str, User], *, now: datetime
) -> int:
    """Add to `customers` whoever isn't there yet, by their newest name; how many those were."""
    missing = [arrival.course for arrival in accepted if arrival.purse[0] not in customers]
    names: dict[str, str] = {}
    for course in sorted(missing, key=lambda course: (course.reported_at, course.customer_name)):
        email = course.bought.customer_email
        names[email] = course.customer_name or names.get(email, "")
    added = add_customers(names, now=now) if names else []
    customers.update({user.email.lower(): user for user in added})
    return len(added)


def _create(accepted: Sequence[Arrival], customers: Mapping[str, User]) -> None:
    versions = list(PolicyVersion.objects.order_by("effective_from"))
    orders = []
    for arrival in accepted:
        if arrival.is_new:
            order = arrival.order
            order.customer = customers[arrival.purse[0]]
            order.policy_version = _in_force(versions, at=order.purchased_at)
            order.clean()
            orders.append(order)
    Number.objects.bulk_create([order.number for order in orders if order.number])
    Order.objects.bulk_create(orders)


def _in_force(versions: Sequence[PolicyVersion], *, at: datetime) -> PolicyVersion:
    """`PolicyVersion.objects.in_force` without a query for each order; oldest version first."""
    started = [version for version in versions if version.effective_from <= at]
    return started[-1] if started else versions[0]


def _update(accepted: Sequence[Arrival]) -> None:
    orders, numbers = [], []
    for arrival in accepted:
        if arrival.is_new:
            continue
        order, number, course = arrival.order, arrival.order.number, arrival.course
        if _set(order, _state(course, order)):
            arrival.is_changed = True
            orders.append(order)
        told = {"supplier": course.supplier, "two_factor": course.two_factor}
        if number and _set(number, told):
            arrival.is_changed = True
            numbers.append(number)
    Order.objects.bulk_update(orders, STATE, batch_size=UPDATED_AT_ONCE)
    Number.objects.bulk_update(numbers, NUMBER_STATE, batch_size=UPDATED_AT_ONCE)


def _set(row: models.Model, values: Mapping[str, object]) -> bool:
    """Set the fields; whether that changed any."""
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    return bool(changed)


def _move_credit(accepted: Sequence[Arrival], *, now: datetime) -> None:
    """Top-ups, purchases and returns in one statement: a purchase may be covered by any of them."""
    due = [arrival.order for arrival in accepted if arrival.is_due_for_return]
    bought = [_purchase_of(arrival.order) for arrival in accepted if arrival.is_new]
    ledger.move_all([*bought, *(return_of(order, now=now) for order in due)])
    return_prices(due, now=now, by=None)


def _purchase_of(order: Order) -> ledger.Movement:
    kind = CreditTransfer.Kind.PURCHASE
    if order.product == Order.Product.TOP_UP:
        kind = CreditTransfer.Kind.TOP_UP
    return ledger.Movement(
        customer_id=order.customer_id,
        amount=order.price,
        currency=order.currency,
        kind=kind,
        key=f"order:{order.pk}:{kind}",
        made_at=order.purchased_at,
    )


def _flag_late_sms(orders: Sequence[Order], *, now: datetime) -> set[int]:
    """Flag, once, those of these locked orders that got an SMS although their price went back.

    Answers their ids. Nothing is debited again. A price that a person returned is no such case.
    """
    went_back = Event.objects.filter(order=OuterRef("pk"), kind=Event.Kind.RETURNED)
    late = list(
        Order.objects.filter(
            Exists(went_back),
            pk__in=[order.pk for order in orders],
            sms_received_at__isnull=False,
            late_sms_at__isnull=True,
        ).order_by("pk")
    )
    ids = {order.pk for order in late}
    Order.objects.filter(pk__in=ids).update(late_sms_at=F("sms_received_at"))
    Event.objects.bulk_create(
        Event(
            kind=Event.Kind.LATE_SMS,
            order=order,
            at=now,
            data={"received_at": order.sms_received_at.isoformat()},
        )
        for order in late
        if order.sms_received_at
    )
    return ids


def _count(accepted: Sequence[Arrival], late: Collection[int], answer: Arrivals) -> None:
    for arrival in accepted:
        if arrival.is_new:
            answer.created += 1
        elif arrival.is_changed or arrival.is_due_for_return or arrival.order.pk in late:
            answer.updated += 1
        else:
            answer.unchanged += 1
