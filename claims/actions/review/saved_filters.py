"""The views of the queue that each person saves under a name."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from claims.actions.core.locks import lock_customer
from claims.models import SavedFilter

MOST = 20
"""Filters of one person. They stand side by side above the queue."""


@transaction.atomic(durable=True)
def save_filter(*, owner: User, name: str, query: str) -> SavedFilter:
    """Save a view of the queue.

    Raises `ValidationError`: `too-many` for more than `MOST`, or for an empty or repeated name.
    """
    lock_customer(owner)
    if SavedFilter.objects.filter(owner=owner).count() >= MOST:
        raise ValidationError(
            _("You have %(most)s filters already. Delete one first."),
            code="too-many",
            params={"most": MOST},
        )
    kept = SavedFilter(owner=owner, name=" ".join(name.split()), query=query)
    kept.full_clean()
    kept.save()
    return kept


@transaction.atomic(durable=True)
def delete_filter(*, owner: User, filter_id: int) -> str:
    """Delete a filter and return its name. Raises `SavedFilter.DoesNotExist` for anybody else's."""
    kept = SavedFilter.objects.select_for_update().get(pk=filter_id, owner=owner)
    kept.delete()
    return kept.name
