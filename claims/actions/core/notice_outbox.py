"""The outbox of notices: written in the transaction of an event, sent by a worker."""

from procrastinate.contrib.django import app

from claims.models import Event, Notice

TELL_CUSTOMER = "claims.tell_customer"
TELL_STAFF = "claims.tell_staff"


def tell_customer(event: Event) -> None:
    """Write the notice to the customer about this event; a worker sends it after the commit.

    What they did themselves is no news to them.
    """
    own = event.actor_id == event.order.customer_id
    Notice.objects.create(event=event, made_at=event.at, read_at=event.at if own else None)
    app.configure_task(TELL_CUSTOMER).defer(event_id=event.pk)


def tell_staff(event: Event) -> None:
    """Have a worker mail whoever has to act on this event, once this transaction is through."""
    app.configure_task(TELL_STAFF).defer(event_id=event.pk)
