"""The mapping of names that the shop sends to services of the catalogue."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.origin import current_address
from claims.actions.core.claim_columns import refresh_open_claims
from claims.actions.core.events import record
from claims.actions.core.locks import lock_open_claims
from claims.actions.orders.intake import lock_intake
from claims.formats.folding import folded
from claims.models import Change, Claim, Event, Number, Order, Service, ServiceAlias

MOST_AT_ONCE = 1000


@transaction.atomic(durable=True)
def map_service_name(*, name: str, slug: str, by: User, now: datetime) -> ServiceAlias:
    """Map a name to a service, for all orders that are unmapped under it and those to come.

    The claims on these orders get the service unless staff have corrected it, and the open ones
    are assessed again. Each order gets an event. Raises `ValidationError`: `service` for a service
    that isn't in the catalogue, `name` for an empty or overlong name, `mapped` for one that is
    mapped; raises `PermissionDenied`.
    """
    _refuse_unpermitted(by)
    lock_intake()
    service = Service.objects.filter(pk=slug).first()
    if service is None:
        raise ValidationError(_("Choose a service of the catalogue."), code="service")
    return _map(name, service, by=by, now=now)


@transaction.atomic(durable=True)
def add_service(*, name: str, called: str, by: User, now: datetime) -> Service:
    """Add a service to the catalogue under the name `called`, and map `name` to it.

    The policy's rules for Telegram don't apply to it. Raises `ValidationError`: `service` if the
    name gives no slug or is that of another service, and what `map_service_name` raises; raises
    `PermissionDenied`.
    """
    _refuse_unpermitted(by)
    lock_intake()
    called = " ".join(called.split())
    service = Service(slug=slugify(called)[:40], name=called)
    own = folded(called)
    taken = Service.objects.filter(pk=service.slug).exists()
    if taken or ServiceAlias.objects.filter(folded=own).exists():
        raise ValidationError(_("The catalogue has this service already."), code="service")
    try:
        service.full_clean()
    except ValidationError as error:
        raise ValidationError(
            _("Write the name of the service in Latin letters."), code="service"
        ) from error
    service.save()
    alias = _map(name, service, by=by, now=now)
    if own != alias.folded:
        _map(called, service, by=by, now=now)
    return service


def _refuse_unpermitted(by: User) -> None:
    if not by.has_perm("claims.map_service"):
        raise PermissionDenied(_("Only Supervisors map the names of services."))


def _map(name: str, service: Service, *, by: User, now: datetime) -> ServiceAlias:
    alias = ServiceAlias(
        folded=folded(name), as_sent=name.strip(), service=service, made_by=by, made_at=now
    )
    if ServiceAlias.objects.filter(pk=alias.folded).exists():
        raise ValidationError(
            _("“%(name)s” is mapped already."), code="mapped", params={"name": name}
        )
    try:
        alias.full_clean()
    except ValidationError as error:
        raise ValidationError(_("Choose a name of at most 80 characters."), code="name") from error
    alias.save(force_insert=True)
    ids = _lock_unmapped(alias.folded)
    for start in range(0, len(ids), MOST_AT_ONCE):
        _set_service(ids[start : start + MOST_AT_ONCE], alias, now=now)
    return alias


def _lock_unmapped(name: str) -> list[int]:
    """Return the ids of the orders that are unmapped under this folded name, locked."""
    unmapped = Number.objects.filter(service__isnull=True)
    sent = unmapped.order_by().values_list("service_sent", flat=True).distinct()
    spellings = [spelling for spelling in sent if folded(spelling) == name]
    orders = Order.objects.filter(number__service__isnull=True, number__service_sent__in=spellings)
    return list(orders.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))


def _set_service(ids: Collection[int], alias: ServiceAlias, *, now: datetime) -> None:
    slug = alias.service_id
    Number.objects.filter(order__in=ids).update(service=slug)
    orders = Order.objects.filter(pk__in=ids, claims__status__in=Claim.OPEN)
    claimed = list(orders.select_related("number", "policy_version", "customer").order_by("pk"))
    lock_open_claims(claimed)
    Claim.objects.filter(order__in=ids, service="").update(service=slug)
    refresh_open_claims(claimed)
    change = Change({"service": ""}, {"service": slug})
    by, name = alias.made_by, alias.as_sent
    for claim in lock_open_claims(claimed).values():
        record(claim, Event.Kind.SERVICE_MAPPED, at=now, actor=by, change=change, name=name)
    Event.objects.bulk_create(
        Event(
            kind=Event.Kind.SERVICE_MAPPED,
            order_id=order_id,
            address=current_address(),
            before=change.before,
            after=change.after,
            at=now,
            actor=by,
            data={"name": name},
        )
        for order_id in sorted(set(ids) - {order.pk for order in claimed})
    )
