"""The only writer of credit.

Call each function inside the transaction of the cause of the movement. A `key` names that cause.
Called again with the same key, accounts and amount, a function returns the first transfer; with
another amount or account it raises `LedgerConflict`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from accounts.models import CreditAccount, CreditTransfer

Kind = CreditTransfer.Kind

# The shop's account on the other side of the transfer.
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
    """A movement of credit, to or from a customer, from which `move` makes a transfer."""

    customer_id: int
    amount: Decimal
    currency: str
    kind: CreditTransfer.Kind
    key: str
    made_at: datetime


def move(movement: Movement) -> CreditTransfer:
    """Make the transfer of one movement, or return the one that this key has made before."""
    return move_all([movement])[movement.key]


def move_all(movements: Sequence[Movement]) -> dict[str, CreditTransfer]:
    """Make many transfers in one statement, and return them all by key.

    Only the sum has to be covered: one call may hold a top-up and the purchase that it pays for.
    Raises `CreditTooLow` when a balance would end below zero, or `LedgerConflict`; after either,
    the call has changed nothing.
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
    """Lock these customers' balances until the transaction ends, and return them.

    The keys are customer id and currency. Callers use this to learn whether a purchase is covered.
    The result leaves out accounts that aren't open yet. It locks in the same order as transfers.
    """
    accounts = CreditAccount.objects.filter(owner__in=customer_ids).order_by("pk")
    return {
        (account.owner_id, account.currency): account.balance
        for account in accounts.select_for_update()
        if account.owner_id is not None and account.balance is not None
    }


def _customer_accounts(movements: Sequence[Movement]) -> dict[tuple[int, str], CreditAccount]:
    """Return the customers' accounts by owner and currency, and open the missing ones."""
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
    """Return the shop's accounts by kind and currency, and open the missing ones."""
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
