"""The customers whom arriving reports name."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from accounts.customers import Mention, look_up, recognise
from accounts.models import CustomerAddress
from claims.formats.reports import OrderReport
from claims.models import Order

CONTESTED: Final = (
    "{email} was another customer's address, too, so nobody can tell whose this is: send it with"
    " customer_id"
)


def recognise_buyers(
    reports: Sequence[OrderReport], others: Sequence[Mention], *, now: datetime
) -> int:
    """Recognise the customers of reports, and others, by the shop's ids, and add the new ones.

    Returns the number of new people.
    """
    mentions = [Mention(each.customer, each.customer_name, each.updated_at) for each in reports]
    with_id = {each.order_id: each.customer_id for each in reports if each.customer_id}
    known = Order.objects.filter(shop_id__in=with_id).values_list("shop_id", "customer_id")
    buyers = {with_id[shop_id]: user_id for shop_id, user_id in known}
    return recognise([*mentions, *others], buyers=buyers, now=now)


def with_buyers(
    reports: Sequence[OrderReport], stored: Mapping[str, Order]
) -> tuple[list[OrderReport], list[tuple[int, str]]]:
    """Return the reports with their customers, and the lines whose address is contested.

    An address that the customer of a stored order has had before is theirs in a report on it.
    """
    found, contested = look_up({each.customer for each in reports})
    former = _former(reports, stored)
    clear, unclear = [], []
    for report in reports:
        order, user = stored.get(report.order_id), found.get(report.customer)
        if (
            order
            and not report.customer_id
            and (order.customer_id, report.customer_email) in former
        ):
            clear.append(report._replace(user_id=order.customer_id))
        elif user or report.customer_email not in contested:
            clear.append(report._replace(user_id=user.pk if user else 0))
        else:
            unclear.append((report.line, CONTESTED.format(email=report.customer_email)))
    return clear, unclear


def _former(reports: Collection[OrderReport], stored: Mapping[str, Order]) -> set[tuple[int, str]]:
    """Return all addresses in these reports that the customers of stored orders have or had."""
    people = {order.customer for order in stored.values()}
    emails = {each.customer_email for each in reports}
    rows = CustomerAddress.objects.filter(user__in=people, email__in=emails)
    told = set(rows.values_list("user_id", "email"))
    return told | {(user.pk, user.email.lower()) for user in people if user.email}
