"""The names of customers, as the shop's events tell them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from django.db.models import BooleanField, ExpressionWrapper, Q

from accounts.customers import Named, add_customers, contested_addresses, find_customers
from accounts.models import CustomerId, User
from claims.models import ShopEvent


def name_customers(events: Iterable[ShopEvent], *, now: datetime) -> None:
    """Add the customers in these events, and give customers the newest name that the shop tells.

    Staff, and customers who have signed in here, keep the names that they have.
    """
    applied = [event for event in events if event.state == ShopEvent.State.APPLIED]
    told = {Named(event.customer_id, event.customer_email) for event in applied} - {Named()}
    if not told:
        return
    contested = contested_addresses(told)
    emails = {each.email for each in told if not each.customer_id} - contested
    add_customers(dict.fromkeys(emails, ""), now=now)
    people = {user.pk: user for user in find_customers(told).values()}
    renamed = []
    for user_id, name in _newest_names(people.values()):
        user = people.pop(user_id, None)
        if user and name != user.display_name and not (user.last_login or user.is_staff):
            user.display_name = name
            renamed.append(user)
    User.objects.bulk_update(renamed, ["display_name"])


def _newest_names(people: Collection[User]) -> Iterator[tuple[int, str]]:
    """Yield people's names by primary key, the one that counts most first.

    An event about the customer counts more than the name in an order.
    """
    own_ids = CustomerId.objects.filter(user__in=people, merged_at__isnull=True)
    by_id = dict(own_ids.values_list("customer_id", "user_id"))
    by_email = {user.email.lower(): user.pk for user in people if user.email}
    is_own = ExpressionWrapper(
        Q(type=ShopEvent.Type.CUSTOMER_UPSERTED), output_field=BooleanField()
    )
    named = (
        ShopEvent.objects.filter(state=ShopEvent.State.APPLIED)
        .exclude(customer_name="")
        .filter(Q(customer_id__in=by_id) | Q(customer_id="", customer_email__in=by_email))
        .annotate(is_own=is_own)
        .order_by("customer_id", "customer_email", "-is_own", "-at", "-customer_name")
        .distinct("customer_id", "customer_email")
    )
    counts_most = sorted(
        named, key=lambda event: (event.is_own, event.at, event.customer_name), reverse=True
    )
    for event in counts_most:
        user_id = by_id.get(event.customer_id) or by_email[event.customer_email]
        yield user_id, event.customer_name
