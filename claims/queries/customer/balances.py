"""A person's balance in each currency: the sum of their accounts, of which a merge adds some."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db.models import F, QuerySet, Sum

from accounts.models import CreditAccount

NET: Final = Sum(F("balance") - F("uncovered"))


@dataclass(frozen=True)
class Balance:
    """The sum of a person's accounts in one currency. One of the two amounts is 0."""

    currency: str
    balance: Decimal
    uncovered: Decimal
    """Spent beyond the credit that we know of."""


def balances_of(accounts: QuerySet[CreditAccount]) -> list[Balance]:
    """Return the balances of one person's accounts, by currency.

    One account's credit covers what another one's purchases lack.
    """
    nets = accounts.order_by("currency").values_list("currency").annotate(net=NET)
    return [in_currency(currency, net) for currency, net in nets]


def in_currency(currency: str, net: Decimal) -> Balance:
    """Return the balance of accounts whose balances less what is uncovered add up to `net`."""
    return Balance(currency, max(net, Decimal(0)), max(Decimal(0), -net))
