"""The intake of orders: it creates them and updates them from the shop's reports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models, transaction

from accounts import ledger
from accounts.customers import add_customers, adopt_customers, find_customers
from accounts.models import User
from claims.actions.core.claim_columns import refresh_open_claims
from claims.actions.core.locks import lock_open_claims
from claims.actions.orders.arrivals import Arrival, Arrivals, OrderChange, Touched, first_changes
from claims.actions.orders.buyers import recognise_buyers, with_buyers
from claims.actions.orders.charges import charge_new
from claims.actions.orders.late_sms import flag_late_sms
from claims.actions.orders.merge import (
    Course,
    as_given,
    disagreement,
    merge,
    oldest,
    report_of,
)
from claims.actions.orders.service_names import resolve_services
from claims.formats.reports import Buyer, OrderReport, Sign, Sold, Supplied
from claims.models import Number, Order, PolicyVersion

Activation = Order.Activation
STATE = ["activation", "allotted_until", "sms_received_at", "completed_at", "cancelled_at",
         "cancellation_arrived_at", "reported_at", "described_at", "is_history"]  # fmt: skip

NOTHING_ELSE = Touched()
NUMBER_STATE = ["two_factor", *Supplied._fields]
# `bulk_update` compares each row with each: many small statements are faster than one large one.
UPDATED_AT_ONCE = 100


@transaction.atomic(durable=True)
def receive_orders(
    *, reports: Sequence[OrderReport], now: datetime, is_history: bool = False
) -> Arrivals:
    """Create and update the orders of these reports, with their customers and their credit.

    With `is_history`, new orders are marked as history, and known ones keep their mark.
    The result is a function of the set of reports: their order and their repetition change nothing.
    This refuses a report that contradicts the purchase and a purchase that the credit doesn't
    cover, and receives the others.
    """
    return receive(reports, now=now, is_history=is_history)


@transaction.atomic(durable=True)
def rehearse_orders(
    *, batches: Iterable[Sequence[OrderReport]], now: datetime, is_history: bool = False
) -> list[Arrivals]:
    """Return the result that `receive_orders` would have for each batch, and change nothing.

    A later batch sees the changes of the earlier ones. The last result has the first changes of
    all, so that their number doesn't grow with that of the batches.
    """
    answers, changes = [], list[OrderChange]()
    for reports in batches:
        answer = receive(reports, now=now, is_history=is_history)
        changes = first_changes([*changes, *answer.changes])
        answer.changes = []
        answers.append(answer)
    if answers:
        answers[-1].changes = changes
    transaction.set_rollback(True)
    return answers


def receive(
    reports: Sequence[OrderReport],
    signs: Sequence[Sign] = (),
    *,
    now: datetime,
    is_history: bool = False,
    touched: Touched = NOTHING_ELSE,
) -> Arrivals:
    """Do as `receive_orders` in the caller's transaction, and apply signs of orders, too.

    This ignores a sign of an order that is neither stored nor reported. It also locks what the
    caller changes afterwards: all orders before all accounts, as the sweep does.
    """
    lock_intake()
    answer = Arrivals()
    recognised = recognise_buyers(reports, touched.customers, now=now)
    arrivals = _merge_with_stored(resolve_services(reports), signs, answer, touched.orders)
    _mark_history(arrivals, is_history=is_history)
    customers = _known_customers(arrivals)
    answer.customers = recognised + _add_missing_customers(arrivals, customers, now=now)
    _lock_credit(customers, touched)
    charge_new(arrivals, customers)
    _create(arrivals, customers, now=now)
    _update(arrivals, now=now)
    refresh_open_claims([arrival.order for arrival in arrivals if arrival.is_changed])
    late = flag_late_sms([arrival.order for arrival in arrivals], now=now)
    _count(arrivals, late, answer)
    return answer


def lock_intake() -> None:
    """Wait for other intakes: two of them might create the same orders and customers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('claims: orders arrive'))")


def _lock_credit(customers: Mapping[Buyer, User], touched: Touched) -> None:
    """Lock the accounts of these customers and of everybody whose credit the caller moves."""
    owners = {customer.pk for customer in customers.values()} | touched.owners
    named = {mention.named for mention in touched.customers}
    owners |= {customer.pk for customer in find_customers(named).values()}
    bought = Order.objects.filter(shop_id__in=touched.orders)
    ledger.lock_accounts(owners | set(bought.values_list("customer_id", flat=True)))


def _merge_with_stored(
    reports: Sequence[OrderReport],
    signs: Sequence[Sign],
    answer: Arrivals,
    others: Collection[str],
) -> list[Arrival]:
    signs_of: dict[str, list[Sign]] = defaultdict(list)
    for sign in signs:
        signs_of[sign.order_id].append(sign)
    stored = _lock_orders({*(report.order_id for report in reports), *signs_of, *others})
    reports, answer.unclear = with_buyers(reports, stored)
    by_order: dict[str, list[OrderReport]] = defaultdict(list)
    for report in reports:
        by_order[report.order_id].append(report)
    arrivals = []
    for shop_id in {**by_order, **dict.fromkeys(stored)}:
        said, shown = by_order[shop_id], signs_of[shop_id]
        order = stored.get(shop_id)
        known = report_of(order) if order else oldest(said)
        if order and order.replaces_id:
            said = [as_given(report, order) for report in said]
        agreeing = _agreeing(said, known, answer)
        if agreeing or shown:
            course = merge([known, *agreeing], shown, stored=order)
            arrivals.append(_arrival(order, course, [*agreeing, *shown]))
    return arrivals


def _mark_history(arrivals: Sequence[Arrival], *, is_history: bool) -> None:
    """Mark new orders as history, or take the mark from those of which the shop tells live."""
    for arrival in arrivals:
        order = arrival.order
        if order.is_history and not is_history:
            arrival.note("is_history", True, False)
        order.is_history = is_history and (arrival.is_new or order.is_history)


def _lock_orders(shop_ids: Collection[str]) -> dict[str, Order]:
    """Return the stored orders by the shop's id, locked with their open claims."""
    orders = Order.objects.select_for_update(of=("self",)).filter(shop_id__in=shop_ids)
    locked = list(orders.select_related("number", "customer").order_by("pk"))
    lock_open_claims(locked)
    return {order.shop_id: order for order in locked}


def _agreeing(
    said: Sequence[OrderReport], known: OrderReport, answer: Arrivals
) -> list[OrderReport]:
    """Return the reports that agree with `known` on the purchase, and refuse the others."""
    agreeing = []
    for report in said:
        reason = disagreement(report, known)
        if reason:
            answer.refused.append((report.line, reason))
        else:
            agreeing.append(report)
    return agreeing


def _arrival(order: Order | None, course: Course, told: Sequence[OrderReport | Sign]) -> Arrival:
    return Arrival(
        order=order or _new_order(told[0].order_id, course),
        course=course,
        lines=[one.line for one in told],
        is_new=order is None,
    )


def _new_order(shop_id: str, course: Course) -> Order:
    """Return an unsaved order without its customer, its policy version and its deadline."""
    bought = course.bought
    number = number_of(course.sold, course.supplied, two_factor=course.two_factor)
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


def number_of(sold: Sold, supplied: Supplied, *, two_factor: bool) -> Number:
    """Return an unsaved number; its service is None while the name that was sent is unmapped."""
    return Number(
        phone=sold.phone,
        service_id=sold.service or None,
        country=sold.country,
        phone_sent=sold.phone_sent or sold.phone,
        service_sent=sold.service_sent or sold.service,
        country_sent=sold.country_sent or sold.country,
        two_factor=two_factor,
        **supplied._asdict(),
    )


def _state(course: Course, stored: Order | None = None) -> dict[str, Any]:
    """Return the fields that reports change, with their new values.

    An order that its return cancelled never waits again. One whose price a person returned may
    still wait.
    """
    is_over = stored and stored.returned_at and stored.activation != Activation.WAITING
    waits = course.activation == Activation.WAITING
    return {
        "activation": Activation.CANCELLED.value if is_over and waits else course.activation,
        "allotted_until": course.allotted_until,
        "sms_received_at": course.sms_received_at,
        "completed_at": course.completed_at,
        "cancelled_at": course.cancelled_at,
        "reported_at": course.reported_at,
        "described_at": course.described_at,
    }


def _known_customers(accepted: Sequence[Arrival]) -> dict[Buyer, User]:
    buyers = {arrival.buyer for arrival in accepted}
    people = adopt_customers({buyer.user_id for buyer in buyers if buyer.user_id})
    return {buyer: people[buyer.user_id] for buyer in buyers if buyer.user_id}


def _add_missing_customers(
    accepted: Sequence[Arrival], customers: dict[Buyer, User], *, now: datetime
) -> int:
    """Add the missing customers to `customers`, by their newest names, and return their number."""
    missing = [arrival.course for arrival in accepted if arrival.buyer not in customers]
    names: dict[str, str] = {}
    for course in sorted(missing, key=lambda course: (course.reported_at, course.customer_name)):
        email = course.bought.buyer.new_email
        names[email] = course.customer_name or names.get(email, "")
    added = add_customers(names, now=now) if names else []
    customers.update({Buyer(0, user.email.lower()): user for user in added})
    return len(added)


def _create(accepted: Sequence[Arrival], customers: Mapping[Buyer, User], *, now: datetime) -> None:
    versions = list(PolicyVersion.objects.order_by("effective_from"))
    orders = []
    for arrival in accepted:
        if arrival.is_new:
            order = arrival.order
            order.customer = customers[arrival.buyer]
            order.policy_version = _in_force(versions, at=order.purchased_at)
            order.cancellation_arrived_at = now if order.cancelled_at else None
            order.clean()
            orders.append(order)
    Number.objects.bulk_create([order.number for order in orders if order.number])
    Order.objects.bulk_create(orders)


def _in_force(versions: Sequence[PolicyVersion], *, at: datetime) -> PolicyVersion:
    """Return the version in force without a query; `versions` are in order, the oldest first."""
    started = [version for version in versions if version.effective_from <= at]
    return started[-1] if started else versions[0]


def _update(accepted: Sequence[Arrival], *, now: datetime) -> None:
    orders, numbers = [], []
    for arrival in accepted:
        if arrival.is_new:
            continue
        order, number, course = arrival.order, arrival.order.number, arrival.course
        if course.cancelled_at and not order.cancellation_arrived_at:
            order.cancellation_arrived_at = now
        if _set(arrival, order, _state(course, order)) or arrival.is_changed:
            orders.append(order)
        told = {"two_factor": course.two_factor, **course.supplied._asdict()}
        if number and _set(arrival, number, told):
            numbers.append(number)
    Order.objects.bulk_update(orders, STATE, batch_size=UPDATED_AT_ONCE)
    Number.objects.bulk_update(numbers, NUMBER_STATE, batch_size=UPDATED_AT_ONCE)


def _set(arrival: Arrival, row: models.Model, values: Mapping[str, object]) -> bool:
    """Set the fields of the arrival's row, and return True if a value changed."""
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in changed.items():
        arrival.note(name, getattr(row, name), value)
        setattr(row, name, value)
    return bool(changed)


def _count(accepted: Sequence[Arrival], late: Collection[int], answer: Arrivals) -> None:
    changes = []
    for arrival in accepted:
        order = arrival.order
        if order.pk in late:
            arrival.note("late_sms_at", None, order.sms_received_at)
        if arrival.is_new:
            answer.created += 1
        elif arrival.is_changed:
            answer.updated += 1
            changes.append(arrival.change)
        else:
            answer.unchanged += 1
    answer.changes = first_changes(changes)
