"""Replacements of defective numbers: the shop provides another number, or the price goes back.

The shop answers each request once. An answer comes too late if the claim has ended meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from claims import queries
from claims.actions.core.events import record
from claims.actions.core.locks import lock_claim_if_free, lock_claim_on, lock_order
from claims.actions.core.notice_outbox import tell_customer
from claims.actions.core.shop_outbox import tell_of_request
from claims.actions.orders.intake import number_of
from claims.actions.review.decisions import decide
from claims.actions.review.promised_returns import keep_promise
from claims.formats.folding import folded
from claims.formats.reports import Supplied
from claims.formats.shop_contents import Provided
from claims.models import Claim, Decision, Event, Number, Offer, Order, Replacement

State = Replacement.State


def request_replacement(claim: Claim, offer: Offer, *, now: datetime) -> Replacement:
    """Ask the shop for the number that the customer chose. The locked claim keeps its status."""
    replacement = Replacement.objects.create(
        claim=claim,
        offer=offer,
        made_at=now,
        answer_by=now + timedelta(days=settings.REPLACEMENT_DAYS),
    )
    tell_of_request(replacement)
    return replacement


def lock_requests(request_ids: Iterable[str]) -> dict[str, Replacement]:
    """Return the known requests by `request_id`, locked with their orders and claims."""
    found = Replacement.objects.filter(request_id__in=set(request_ids))
    asked = found.values_list("claim", "claim__order").order_by("claim__order", "claim")
    locked = {
        claim_id: lock_claim_on(lock_order(order_id), claim_id) for claim_id, order_id in asked
    }
    requests = found.select_related("offer__by", "offer__approval", "order")
    held = {}
    for request in requests.select_for_update(of=("self",)).order_by("pk"):
        request.claim = locked[request.claim_id]
        held[request.request_id] = request
    return held


def provide(request: Replacement, provided: Provided, *, now: datetime) -> Order:
    """Replace the defective number by the shop's at no cost, end the claim, and return the order.

    The same answer again changes nothing. Raises `ValidationError` (`replacement`) if the request
    was settled otherwise, if the number is for another service or country or worth less, or if an
    order of its id exists already.
    """
    if request.order and request.order.shop_id == provided.order_id:
        return request.order
    _refuse_settled(request)
    claim = request.claim
    _refuse_unequal(claim.order, provided)
    facts = claim.facts()
    order = _put_in_place(claim.order, provided, now=now)
    request.settle(State.PROVIDED, at=now, order=order)
    offer = request.offer
    _, change = decide(
        claim,
        Claim.Status.REPLACED,
        outcome=Decision.Outcome.REPLACEMENT,
        facts=facts,
        by=offer.by,
        approval=offer.approval,
        now=now,
        note="",
        answers=offer.answers,
    )
    event = record(
        claim, Event.Kind.REPLACED, at=now, actor=None, change=change, order=order.shop_id,
        phone=provided.phone or provided.phone_sent,
    )  # fmt: skip
    tell_customer(event)
    return order


def decline(request: Replacement, reason: str, *, now: datetime) -> None:
    """Return the price, because the shop has no such number. Again, this changes nothing.

    Raises `ValidationError` (`replacement`) if the request was settled otherwise.
    """
    if request.state == State.REFUSED:
        return
    _refuse_settled(request)
    request.settle(State.REFUSED, at=now, reason=reason)
    keep_promise(request.claim, request.offer, by=None, now=now, replacement="refused")


@transaction.atomic(durable=True)
def let_request_lapse(*, claim_id: int, now: datetime) -> bool:
    """Return the price if the shop didn't answer in time; return True if it was time to.

    A claim that another transaction locks is left to the next sweep.
    """
    claim = lock_claim_if_free(claim_id)
    if claim is None or not queries.to_go_without(now=now).filter(pk=claim_id).exists():
        return False
    requested = Replacement.objects.requested().select_related("offer__by", "offer__approval")
    request = requested.get(claim=claim)
    request.settle(State.LAPSED, at=now)
    keep_promise(claim, request.offer, by=None, now=now, replacement="lapsed")
    return True


def _refuse_settled(request: Replacement) -> None:
    if request.state != State.REQUESTED:
        raise ValidationError(
            "too late: of this request it is known already: %(state)s",
            code="replacement",
            params={"state": request.get_state_display()},
        )


def _refuse_unequal(order: Order, provided: Provided) -> None:
    wanted = order.number
    if wanted is None or not _is_same(wanted, provided):
        raise ValidationError(
            "a replacement is for the same service and country", code="replacement"
        )
    if (provided.currency, True) != (order.currency, provided.list_price >= order.refundable):
        raise ValidationError(
            "the list price of a replacement is at least %(value)s %(currency)s",
            code="replacement",
            params={"value": order.refundable, "currency": order.currency},
        )
    if Order.objects.filter(shop_id=provided.order_id).exists():
        raise ValidationError("there is an order of this id already", code="replacement")


def _is_same(wanted: Number, provided: Provided) -> bool:
    """Return True if both are of the same known service and of the same country."""
    if not provided.service or provided.service != wanted.service_id:
        return False
    here = wanted.country or folded(wanted.country_sent)
    return here == (provided.country or folded(provided.country_sent))


def _put_in_place(order: Order, provided: Provided, *, now: datetime) -> Order:
    order.replaced_at = now
    order.save(update_fields=["replaced_at"])
    supplied = Supplied(provided.supplier)
    number = number_of(provided.sold, supplied, two_factor=provided.two_factor)
    number.save()
    made = Order(
        shop_id=provided.order_id,
        customer=order.customer,
        charge=order.charge,
        product=Order.Product.NUMBER,
        number=number,
        channel=order.channel,
        price=Decimal(0),
        currency=order.currency,
        purchased_at=provided.purchased_at,
        allotted_until=provided.allotted_until,
        activation=Order.Activation.WAITING,
        reported_at=provided.purchased_at,
        replaces=order,
        origin_id=order.origin_id or order.pk,
        value=order.refundable,
        list_price=provided.list_price,
    )
    made.clean()
    made.save()
    return made
