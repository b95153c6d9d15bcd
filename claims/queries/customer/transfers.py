"""A customer's credit transfers."""

from django.db.models import Q, QuerySet

from accounts.models import CreditAccount, CreditTransfer


def transfers_of(accounts: QuerySet[CreditAccount]) -> QuerySet[CreditTransfer]:
    """Return the transfers of these accounts, newest first, with the cause of each.

    It leaves out what is booked as uncovered: that says what we don't know, not what moved.
    """
    mine = list(accounts.values_list("pk", flat=True))
    return (
        CreditTransfer.objects.filter(Q(debit__in=mine) | Q(credit__in=mine))
        .exclude(kind=CreditTransfer.Kind.UNCOVERED)
        .select_related("debit", "charge", "decision__claim", "acknowledgement")
        .order_by("-made_at", "-pk")
    )


def newer_than(
    transfer: CreditTransfer, transfers: QuerySet[CreditTransfer]
) -> QuerySet[CreditTransfer]:
    """Return the transfers that `transfers_of` lists above this one."""
    same_time = Q(made_at=transfer.made_at, pk__gt=transfer.pk)
    return transfers.filter(Q(made_at__gt=transfer.made_at) | same_time)
