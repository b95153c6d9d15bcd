"""The only writer of credit.

Call each function inside the transaction of the cause of the movement. A `key` names that cause.
Called again with the same key, accounts and amount, a function returns the first transfer; with
another amount or account it raises `LedgerConflict`.

The shop is the authority on balances. A purchase beyond the credit known here is booked all the
same, and its shortfall as a transfer of kind `uncovered`, which all later credit repays first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Self, assert_never

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.models import Charge, CreditAccount, CreditTransfer

Kind = CreditTransfer.Kind
Purse = tuple[int, str]
"""A customer's id and a currency."""


class LedgerConflict(Exception):
    """The key was used before, for another amount or between other accounts."""


@dataclass(frozen=True, kw_only=True)
class NewCharge:
    """A purchase or a top-up that the shop reports, from which `charge_all` makes a charge."""

    customer_id: int
    kind: Charge.Kind
    amount: Decimal
    currency: str
    reference: str
    made_at: datetime


@dataclass(frozen=True, kw_only=True)
class Movement:
    """A movement of credit, to or from a customer, from which `move` makes a transfer.

    `amount` is negative only for an adjustment that takes credit away.
    """

    account: CreditAccount
    amount: Decimal
    kind: CreditTransfer.Kind
    key: str
    made_at: datetime
    charge: Charge | None = None
    event_id: str = ""
    """The id of the shop's event that adjusts the credit, or ''."""

    @property
    def gives(self) -> bool:
        return self.kind != Kind.PURCHASE and self.amount > 0


@transaction.atomic
def charge_all(charges: Sequence[NewCharge]) -> dict[str, Charge]:
    """Make the charges that don't exist yet with their transfers; return them all by reference.

    A charge of 0 has no transfer. Raises `LedgerConflict` if a reference was charged otherwise.
    """
    accounts = open_accounts({(new.customer_id, new.currency) for new in charges})
    wanted = {
        new.reference: Charge(
            account=accounts[new.customer_id, new.currency],
            kind=new.kind,
            amount=new.amount,
            currency=new.currency,
            reference=new.reference,
            made_at=new.made_at,
        )
        for new in charges
    }
    Charge.objects.bulk_create(wanted.values(), ignore_conflicts=True)
    there = Charge.objects.select_related("account").in_bulk(wanted, field_name="reference")
    for reference, charge in wanted.items():
        if _terms(charge) != _terms(there[reference]):
            raise LedgerConflict(f"{reference} was charged before: {there[reference]}")
    move_all([_booking(charge) for charge in there.values() if charge.amount])
    return there


def give_back(
    charge: Charge, *, made_at: datetime, amount: Decimal, kind: CreditTransfer.Kind = Kind.RETURN
) -> Movement:
    """Return the movement that gives a charge back, whatever the cause.

    All causes share one key, so a charge goes back once at most.
    """
    return Movement(
        account=charge.account,
        amount=amount,
        kind=kind,
        key=f"charge:{charge.pk}:return",
        made_at=made_at,
        charge=charge,
    )


def move(movement: Movement) -> CreditTransfer:
    """Make the transfer of one movement, or return the one that this key has made before."""
    return move_all([movement])[movement.key]


@transaction.atomic
def move_all(movements: Sequence[Movement]) -> dict[str, CreditTransfer]:
    """Make many transfers in one statement, and return them all by key.

    What gives credit is counted first, so a top-up covers a purchase of the same call. Raises
    `LedgerConflict`; then the call has changed nothing.
    """
    if not movements:
        return {}
    accounts = {movement.account.pk for movement in movements}
    purses = _lock(CreditAccount.objects.filter(pk__in=accounts))
    made = _made({movement.key for movement in movements})
    new = {movement.key: movement for movement in movements if movement.key not in made}
    shops = _shop_accounts(new.values())
    rows = [
        row
        for movement in sorted(new.values(), key=lambda movement: not movement.gives)
        for row in _transfers(movement, purses[movement.account.pk], shops)
    ]
    try:
        with transaction.atomic():
            made |= {row.key: row for row in CreditTransfer.objects.bulk_create(rows)}
    except IntegrityError as error:
        raise LedgerConflict(f"The database refuses these movements: {error}") from error
    for movement in movements:
        _refuse_conflict(movement, made[movement.key])
    return {movement.key: made[movement.key] for movement in movements}


def lock_accounts(owner_ids: Collection[int]) -> None:
    """Lock these customers' accounts until the transaction ends, in the order of all movements.

    A transaction that moves credit several times locks them at once, or two of them could wait for
    each other.
    """
    _lock(CreditAccount.objects.filter(owner__in=owner_ids))


def open_accounts(purses: Collection[Purse]) -> dict[Purse, CreditAccount]:
    """Return the customers' own accounts by owner and currency, and open the missing ones.

    Accounts that a merge gave them stay as they are; nothing new is booked on those.
    """
    CreditAccount.objects.bulk_create(
        [
            CreditAccount(
                kind=CreditAccount.Kind.CUSTOMER,
                owner_id=owner,
                currency=currency,
                balance=0,
                uncovered=0,
            )
            for owner, currency in sorted(purses)
        ],
        ignore_conflicts=True,
    )
    accounts = CreditAccount.objects.filter(
        owner__in={owner for owner, _ in purses},
        currency__in={currency for _, currency in purses},
        former_owner__isnull=True,
    )
    return {(a.owner_id, a.currency): a for a in accounts if a.owner_id is not None}


@dataclass
class _Balance:
    """A locked account's balance while movements are added: negative where it is uncovered."""

    total: Decimal = field(default=Decimal(0))

    @classmethod
    def of(cls, account: CreditAccount) -> Self:
        return cls((account.balance or Decimal(0)) - (account.uncovered or Decimal(0)))

    def add(self, amount: Decimal) -> Decimal:
        """Add to the balance, and return by how much that changes what is uncovered."""
        before = max(Decimal(0), -self.total)
        self.total += amount
        return max(Decimal(0), -self.total) - before


def _lock(accounts: QuerySet[CreditAccount]) -> dict[int, _Balance]:
    """Lock the accounts in the order in which transfers lock them."""
    locked = accounts.order_by("pk").select_for_update()
    return {account.pk: _Balance.of(account) for account in locked}


def _made(keys: Collection[str]) -> dict[str, CreditTransfer]:
    return CreditTransfer.objects.in_bulk(keys, field_name="key")


def _transfers(
    movement: Movement, balance: _Balance, shops: Mapping[tuple[str, str], CreditAccount]
) -> Iterator[CreditTransfer]:
    """Yield the movement's transfer, and the one that books or repays what isn't covered."""
    signed = -movement.amount if movement.kind == Kind.PURCHASE else movement.amount
    yield _transfer(movement, signed, movement.kind, movement.key, shops)
    if uncovered := balance.add(signed):
        yield _transfer(movement, uncovered, Kind.UNCOVERED, f"{movement.key}:uncovered", shops)


def _transfer(
    movement: Movement,
    signed: Decimal,
    kind: CreditTransfer.Kind,
    key: str,
    shops: Mapping[tuple[str, str], CreditAccount],
) -> CreditTransfer:
    """Return a transfer to the customer, or from them if `signed` is negative."""
    account = movement.account
    shop = shops[_shop_side(kind), account.currency]
    debit, credit = (shop, account) if signed > 0 else (account, shop)
    return CreditTransfer(
        debit=debit,
        credit=credit,
        amount=abs(signed),
        currency=account.currency,
        kind=kind,
        charge=movement.charge,
        event_id=movement.event_id,
        key=key,
        made_at=movement.made_at,
    )


def _shop_accounts(movements: Collection[Movement]) -> dict[tuple[str, str], CreditAccount]:
    """Return the shop's accounts by kind and currency, and open the missing ones."""
    currencies = {movement.account.currency for movement in movements}
    kinds = {_shop_side(movement.kind) for movement in movements}
    CreditAccount.objects.bulk_create(
        [
            CreditAccount(kind=kind, currency=currency)
            for currency in sorted(currencies)
            for kind in sorted(kinds | {CreditAccount.Kind.UNCOVERED})
        ],
        ignore_conflicts=True,
    )
    accounts = CreditAccount.objects.exclude(kind=CreditAccount.Kind.CUSTOMER)
    return {(a.kind, a.currency): a for a in accounts.filter(currency__in=currencies)}


def _shop_side(kind: CreditTransfer.Kind) -> CreditAccount.Kind:
    """Return the kind of the shop's account on the other side of such a transfer."""
    match kind:
        case Kind.TOP_UP:
            return CreditAccount.Kind.PAYMENTS
        case Kind.PURCHASE | Kind.RETURN:
            return CreditAccount.Kind.SALES
        case Kind.GOODWILL:
            return CreditAccount.Kind.GOODWILL
        case Kind.ADJUSTMENT:
            return CreditAccount.Kind.ADJUSTMENTS
        case Kind.UNCOVERED:
            return CreditAccount.Kind.UNCOVERED
        case _:
            assert_never(kind)


def _booking(charge: Charge) -> Movement:
    kind = Kind(charge.kind)
    return Movement(
        account=charge.account,
        amount=charge.amount,
        kind=kind,
        key=f"charge:{charge.pk}:{kind}",
        made_at=charge.made_at,
        charge=charge,
    )


def _terms(charge: Charge) -> tuple[int, str, Decimal]:
    return charge.account_id, charge.kind, charge.amount


def _refuse_conflict(asked: Movement, made: CreditTransfer) -> None:
    account = made.debit_id if made.kind == Kind.PURCHASE or asked.amount < 0 else made.credit_id
    told = (account, made.kind, made.amount)
    if told != (asked.account.pk, asked.kind, abs(asked.amount)):
        raise LedgerConflict(
            f"{made.key} has moved {made.amount} {made.currency} before;"
            f" it can't move {abs(asked.amount)} {asked.account.currency} now."
        )
