"""The outbox of notices: an action writes them in the event's transaction, a worker sends them."""

from procrastinate.contrib.django import app

from claims.models import Event, Notice

TELL_CUSTOMER = "claims.tell_customer"
TELL_STAFF = "claims.tell_staff"
MAIL_MERGE = "claims.mail_merge"


def tell_customer(event: Event) -> None:
    """Write the notice to the customer about this event; a worker sends it after the commit.

    A notice about the customer's own act counts as read.
    """
    own = event.actor_id == event.order.customer_id
    Notice.objects.create(event=event, made_at=event.at, read_at=event.at if own else None)
    app.configure_task(TELL_CUSTOMER).defer(event_id=event.pk)


def tell_staff(event: Event) -> None:
    """Have a worker mail the staff who have to act on this event, after the commit."""
    app.configure_task(TELL_STAFF).defer(event_id=event.pk)
