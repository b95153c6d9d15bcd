"""The shop's answers to returned credit. The newest one counts, in whatever order they came."""

from __future__ import annotations

from collections.abc import Mapping

from claims.formats.shop_contents import Acknowledged
from claims.models import Acknowledgement, Order, ShopEvent

State = Acknowledgement.State
NOT_RETURNED = "the price of this order hasn't gone back"
NOT_AWAITED = "its price went back before the shop was told of returns, so no answer is awaited"


def acknowledge(
    answers: Mapping[ShopEvent, Acknowledged],
) -> tuple[dict[int, str], dict[int, str]]:
    """Save the answers on their acknowledgements.

    Return two dicts of reasons by the event's primary key: for the answers that have to wait, and
    for those that are refused.
    """
    ids = {event.shop_order_id for event in answers}
    orders = Order.objects.filter(shop_id__in=ids)
    returned = dict(orders.filter(returned_at__isnull=False).values_list("shop_id", "pk"))
    rows = Acknowledgement.objects.select_for_update(of=("self",)).select_related("answer")
    awaited = {row.order_id: row for row in rows.filter(order__in=returned.values()).order_by("pk")}
    waiting, refused = {}, {}
    for event, acknowledged in answers.items():
        if event.shop_order_id not in returned:
            waiting[event.pk] = NOT_RETURNED
        elif returned[event.shop_order_id] not in awaited:
            refused[event.pk] = NOT_AWAITED
        else:
            _note(awaited[returned[event.shop_order_id]], event, acknowledged)
    return waiting, refused


def _note(row: Acknowledgement, event: ShopEvent, told: Acknowledged) -> None:
    if row.answer and (row.answer.at, row.answer.event_id) > (event.at, event.event_id):
        return
    agrees = (told.amount, told.currency) == (row.amount, row.currency)
    row.state = State.ACKNOWLEDGED if agrees else State.DIFFERS
    row.answer, row.answered_at = event, event.at
    row.answered_amount, row.answered_currency = told.amount, told.currency
    row.save()
