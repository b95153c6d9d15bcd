"""The only writer of credit.

Every function is called inside the transaction of what causes the movement. A `key` names that
cause. Asked again with the same key, accounts and amount, a function answers with the transfer
that was made the first time; with another amount or account it raises `LedgerConflict`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from accounts.models import CreditAccount, CreditTransfer

Kind = CreditTransfer.Kind

# Which of the shop's accounts stands on the other side, and which way the credit flows.
SHOP_SIDE = {
    Kind.TOP_UP: CreditAccount.Kind.PAYMENTS,
    Kind.PURCHASE: CreditAccount.Kind.SALES,
    Kind.RETURN: CreditAccount.Kind.SALES,
    Kind.GOODWILL: CreditAccount.Kind.GOODWILL,
}


class LedgerConflict(Exception):
    """The key was used before, for another amount or between other accounts."""


class CreditTooLow(Exception):
    """The customer's balance would fall below zero."""


@dataclass(frozen=True, kw_only=True)
class Movement:
    """One movement of credit, to or from a customer, that is to become a transfer."""

    customer_id: int
    amount: Decimal
    currency: str
    kind: CreditTransfer.Kind
    key: str
    made_at: datetime


def move(movement: Movement) -> CreditTransfer:
    """Make the transfer of one movement, or find the one that this key has made before."""
    return move_all([movement])[movement.key]


def move_all(movements: Sequence[Movement]) -> dict[str, CreditTransfer]:
    """Make many transfers in one statement, and answer them all by key.

    Only the sum has to be covered: a top-up and the purchase that it pays for may come together.
    Raises `CreditTooLow` when a balance would end below zero, and `LedgerConflict`; after either,
    nothing of the whole call has happened.
    """
    customers = _customer_accounts(movements)
    shops = _shop_accounts(movements)
    wanted = [_transfer(movement, customers, shops) for movement in movements]
    with transaction.atomic():
        try:
            with transaction.atomic():
                CreditTransfer.objects.bulk_create(wanted, ignore_conflicts=True)
        except IntegrityError as error:
            if "balance_is_never_below_zero" not in str(error):
                raise
            raise CreditTooLow("The credit balance would fall below zero.") from error
        made = CreditTransfer.objects.in_bulk([t.key for t in wanted], field_name="key")
        for transfer in wanted:
            _refuse_conflict(asked=transfer, made=made[transfer.key])
    return made


def lock_balances(customer_ids: Collection[int]) -> dict[tuple[int, str], Decimal]:
    """What these customers have, by customer and currency, held until the transaction ends.

    For who must know before a purchase whether it is covered. An account that isn't open yet is
    not among them. Locks in the order in which transfers lock.
    """
    accounts = CreditAccount.objects.filter(owner__in=customer_ids).order_by("pk")
    return {
        (account.owner_id, account.currency): account.balance
        for account in accounts.select_for_update()
        if account.owner_id is not None and account.balance is not None
    }


def _customer_accounts(movements: Sequence[Movement]) -> dict[tuple[int, str], CreditAccount]:
    """The customers' accounts by owner and currency, opened on first use."""
    pairs = {(m.customer_id, m.currency) for m in movements}
    CreditAccount.objects.bulk_create(
        [
            CreditAccount(
                kind=CreditAccount.Kind.CUSTOMER, owner_id=owner, currency=currency, balance=0
            )
            for owner, currency in sorted(pairs)
        ],
        ignore_conflicts=True,
    )
    accounts = CreditAccount.objects.filter(
        owner__in={owner for owner, _ in pairs}, currency__in={currency for _, currency in pairs}
    )
    return {(a.owner_id, a.currency): a for a in accounts if a.owner_id is not None}


def _shop_accounts(movements: Sequence[Movement]) -> dict[tuple[str, str], CreditAccount]:
    """The shop's accounts by kind and currency, opened on first use."""
    pairs = {(SHOP_SIDE[m.kind], m.currency) for m in movements}
    CreditAccount.objects.bulk_create(
        [CreditAccount(kind=kind, currency=currency) for kind, currency in sorted(pairs)],
        ignore_conflicts=True,
    )
    accounts = CreditAccount.objects.exclude(kind=CreditAccount.Kind.CUSTOMER)
    return {(a.kind, a.currency): a for a in accounts}


def _transfer(
    movement: Movement,
    customers: dict[tuple[int, str], CreditAccount],
    shops: dict[tuple[str, str], CreditAccount],
) -> CreditTransfer:
    customer = customers[movement.customer_id, movement.currency]
    shop = shops[SHOP_SIDE[movement.kind], movement.currency]
    debit, credit = (customer, shop) if movement.kind == Kind.PURCHASE else (shop, customer)
    return CreditTransfer(
        debit=debit,
        credit=credit,
        amount=movement.amount,
        currency=movement.currency,
        kind=movement.kind,
        key=movement.key,
        made_at=movement.made_at,
    )


def _refuse_conflict(*, asked: CreditTransfer, made: CreditTransfer) -> None:
    def told(transfer: CreditTransfer) -> tuple[int, int, Decimal, str]:
        return transfer.debit_id, transfer.credit_id, transfer.amount, transfer.kind

    if told(asked) != told(made):
        raise LedgerConflict(
            f"{made.key} has moved {made.amount} {made.currency} before;"
            f" it can't move {asked.amount} {asked.currency} now."
        )
