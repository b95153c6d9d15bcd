"""The contents of the pages on which two customers become one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Final

from django.utils.translation import gettext

from accounts.models import CustomerMerge, User
from claims.queries.customer.balances import Balance, in_currency
from claims.queries.review.merge_sides import MergeSide, balances_together, sides_of
from claims.wording.amounts import money

State: Final = CustomerMerge.State
TONES: Final[Mapping[str, str]] = {
    State.ASKED: "warn",
    State.CONFIRMED: "info",
    State.DONE: "good",
    State.OBJECTED: "bad",
    State.CANCELLED: "",
}
MOST_NAMED: Final = 50
"""The most orders and claims that a done merge lists by name."""


@dataclass(frozen=True)
class MergePreview:
    """Two customers side by side, and what happens when they become one."""

    merged: User
    survivor: User
    now: datetime

    @cached_property
    def sides(self) -> list[MergeSide]:
        return sides_of([self.merged, self.survivor], now=self.now)

    @cached_property
    def together(self) -> list[Balance]:
        return balances_together(self.sides)

    @property
    def consequences(self) -> list[str]:
        """Return what will happen, in sentences."""
        people = {"merged": named(self.merged), "survivor": named(self.survivor)}
        ending = self.sides[0]
        said = [
            gettext(
                "%(survivor)s gets %(merged)s's orders (%(orders)s), claims (%(claims)s),"
                " notices (%(notices)s) and files (%(uploads)s)."
            )
            % {
                **people,
                "orders": ending.orders,
                "claims": ending.open_claims + ending.closed_claims,
                "notices": ending.notices,
                "uploads": ending.uploads,
            },
            gettext(
                "No transfer moves credit: %(survivor)s owns the accounts of both, and pages"
                " show their sum: %(sum)s."
            )
            % {**people, "sum": self._sum()},
            gettext("The sign-in of %(merged)s ends, with all sessions and API tokens.") % people,
        ]
        if ending.customer_ids:
            said.append(
                gettext("Orders that the shop tells under %(ids)s are %(survivor)s's from then on.")
                % {**people, "ids": ", ".join(ending.customer_ids)}
            )
        return [*said, *self._mails(), gettext("Nothing undoes it.")]

    def _mails(self) -> list[str]:
        said = [
            gettext("%(customer)s has no address, isn't mailed and can't object.")
            % {"customer": named(user)}
            for user in (self.merged, self.survivor)
            if not user.email
        ]
        mailed = [user.email for user in (self.merged, self.survivor) if user.email]
        if mailed:
            told = gettext(
                "Once a second person has confirmed it, we mail %(addresses)s. It is done"
                " 24 hours later, unless there is an objection."
            )
            said.append(told % {"addresses": gettext(" and ").join(mailed)})
        return said

    def _sum(self) -> str:
        parts = [_in_words(each) for each in self.together]
        return ", ".join(parts) or gettext("nothing")


@dataclass(frozen=True)
class MergePage:
    """One merge as one person of staff may see it."""

    merge: CustomerMerge
    viewer: User
    now: datetime

    @property
    def tone(self) -> str:
        return TONES[self.merge.state]

    @property
    def merged(self) -> str:
        return _as_then(self.merge.merged, self.merge.merged_address, self.merge)

    @property
    def survivor(self) -> str:
        return _as_then(self.merge.survivor, self.merge.survivor_address, self.merge)

    @property
    def is_live(self) -> bool:
        return self.merge.state in CustomerMerge.LIVE

    @property
    def may_cancel(self) -> bool:
        return self.is_live and self.viewer.has_perm("accounts.confirm_merge")

    @property
    def may_confirm(self) -> bool:
        waits = self.merge.state == State.ASKED
        return waits and self.viewer.has_perm("accounts.confirm_merge") and not self.is_asker

    @property
    def is_asker(self) -> bool:
        return self.merge.asked_by_id == self.viewer.pk

    @property
    def mails(self) -> list[tuple[str, datetime | None]]:
        """Return the address of each mail, or '', and when it went out."""
        merge = self.merge
        return [
            (merge.merged_address, merge.merged_mailed_at),
            (merge.survivor_address, merge.survivor_mailed_at),
        ]

    @property
    def is_overdue(self) -> bool:
        due = self.merge.due_at
        return self.merge.state == State.CONFIRMED and due is not None and due < self.now

    @cached_property
    def preview(self) -> MergePreview | None:
        """Return both people side by side, while nothing has moved yet."""
        merge = self.merge
        return MergePreview(merge.merged, merge.survivor, self.now) if self.is_live else None

    @property
    def moved(self) -> list[tuple[str, str]]:
        """Return what the survivor got, by kind, in words."""
        moved = self.merge.moved
        if not moved:
            return []
        accounts = [_as_told(each) for each in moved["accounts"]]
        return [
            (gettext("Addresses"), _some(moved["addresses"])),
            (gettext("Customer ids"), _some(moved["customer_ids"])),
            (gettext("Orders"), _some(moved["orders"])),
            (gettext("Claims"), _some(moved["claims"])),
            (gettext("Accounts"), _some(accounts)),
            (gettext("Notices"), str(moved["notices"])),
        ]


def named(user: User) -> str:
    """Return a customer's name and address, or that they have none."""
    if user.email:
        return f"{user.display_name} ({user.email})" if user.display_name else user.email
    if user.display_name:
        return gettext("%(name)s (no address)") % {"name": user.display_name}
    return str(user)


def _as_then(user: User, address: str, merge: CustomerMerge) -> str:
    """Return a customer as they were named when the merge was confirmed."""
    if merge.state == State.ASKED or not address:
        return named(user)
    return f"{user.display_name} ({address})" if user.display_name else address


def _as_told(account: Mapping[str, str]) -> str:
    """Return what was on an account when it moved."""
    net = Decimal(account["balance"]) - Decimal(account["uncovered"])
    return _in_words(in_currency(account["currency"], net))


def _in_words(balance: Balance) -> str:
    if not balance.uncovered:
        return money(balance.balance, balance.currency)
    amount = money(balance.uncovered, balance.currency)
    return gettext("%(amount)s not covered") % {"amount": amount}


def _some(texts: list[str]) -> str:
    """Return these texts in a line, with the number of those left out."""
    if not texts:
        return gettext("none")
    line = ", ".join(texts[:MOST_NAMED])
    more = len(texts) - MOST_NAMED
    return gettext("%(line)s and %(n)s more") % {"line": line, "n": more} if more > 0 else line
