"""Locks on customers, orders, claims and uploads. Callers always take them in this order."""

from collections.abc import Collection

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.log_context import note
from accounts.models import User
from claims.models import Claim, Order, Upload
from claims.queries.core.claim_actions import ActionName, action_of

WITH_ORDER = ("number", "policy_version", "customer", "charge__account")


def lock_customer(customer: User) -> None:
    """Lock the person until the transaction ends. New rows may still refer to them."""
    User.objects.select_for_update(no_key=True).get(pk=customer.pk)


def lock_order(order_id: int) -> Order:
    """Return the order as it is now, locked until the transaction ends."""
    orders = Order.objects.select_for_update(of=("self",)).select_related(*WITH_ORDER)
    # An order that gets another customer during the wait for its lock is not found by its old one.
    order = orders.filter(pk=order_id).first() or orders.get(pk=order_id)
    if order.number and order.number.service_id is None:
        # The number was read before the wait for the lock, in which its service may have been set.
        order.number.refresh_from_db(fields=["service"])
    return order


def lock_open_claims(orders: Collection[Order]) -> dict[int, Claim]:
    """Return the open claims on locked orders by order id, locked until the transaction ends."""
    claims = Claim.objects.filter(order__in=orders, status__in=Claim.OPEN).order_by("pk")
    return {claim.order_id: claim for claim in claims.select_for_update(of=("self",))}


def lock_order_of(customer: User, order_id: int) -> Order:
    """Lock and return an order of this customer. Raises `PermissionDenied` for anyone else."""
    order = lock_order(order_id)
    if order.customer_id != customer.pk:
        raise PermissionDenied(_("This order is not yours."))
    return order


def lock_claim_of(customer: User, claim_id: int) -> Claim:
    """Lock and return a claim of this customer. Raises `PermissionDenied` for anyone else."""
    claim = lock_claim(claim_id)
    if claim.order.customer_id != customer.pk:
        raise PermissionDenied(_("This claim is not yours."))
    return claim


def lock_upload_of(customer: User, upload_id: int) -> Upload:
    """Lock and return an upload of this customer. Raises `PermissionDenied` for anyone else."""
    upload = Upload.objects.select_for_update(of=("self",)).get(pk=upload_id)
    if upload.customer_id != customer.pk:
        raise PermissionDenied(_("This upload is not yours."))
    return upload


def lock_claim(claim_id: int) -> Claim:
    """Return the claim as it is now, with its order, both locked until the transaction ends."""
    order = lock_order(Claim.objects.values_list("order_id", flat=True).get(pk=claim_id))
    return lock_claim_on(order, claim_id)


def lock_claims(claim_ids: Collection[int]) -> QuerySet[Claim]:
    """Lock the orders of these claims; return the claims, which evaluation locks, by id."""
    orders = Order.objects.filter(pk__in=Claim.objects.filter(pk__in=claim_ids).values("order"))
    list(orders.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    return Claim.objects.select_for_update(of=("self",)).filter(pk__in=claim_ids).order_by("pk")


def lock_claim_on(order: Order, claim_id: int) -> Claim:
    """Lock and return a claim of an order that the caller has locked."""
    claim = Claim.objects.select_for_update(of=("self",)).get(pk=claim_id)
    claim.order = order
    note(claim=claim.code)
    return claim


def lock_claim_if_free(claim_id: int) -> Claim | None:
    """Return `lock_claim(claim_id)`, or None while another transaction locks the order."""
    orders = Order.objects.select_for_update(of=("self",), skip_locked=True)
    order = orders.select_related(*WITH_ORDER).filter(claims=claim_id).first()
    return lock_claim_on(order, claim_id) if order else None


def refuse_closed(claim: Claim, name: ActionName) -> None:
    """Raise `ValidationError` (`closed`) unless this action fits the claim's status and kind."""
    if not action_of(name).fits(claim):
        raise closed_error(claim)


def closed_error(claim: Claim) -> ValidationError:
    """Return the `ValidationError` (`closed`) that says how and when the claim ended."""
    return ValidationError(
        _("This claim is closed: it was %(status)s on %(at)s. Nothing has changed now."),
        code="closed",
        params={
            "status": claim.get_status_display(),
            "at": f"{claim.closed_at:%-d %B %Y, %H:%M} UTC",
        },
    )
