"""The expected behaviour in plain Python, without the code that it judges.

It is written from the policy and the status machine in the docs. It knows no database and imports
nothing from the portal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

ALLOTTED = timedelta(minutes=20)
DAY = timedelta(days=1)
OPEN = {"submitted", "waiting_customer", "repairing", "offered"}
SUPERVISOR = "max@example.com"
UNSETTLED = {"submitted", "waiting_customer"}


@dataclass
class Tale:
    """A claim."""

    kind: str
    filed_at: datetime
    status: str = "submitted"
    asked_at: datetime | None = None
    reminded_at: datetime | None = None
    closed_at: datetime | None = None
    offered_at: datetime | None = None
    requested_at: datetime | None = None
    appealed: bool = False
    judges: set[str] = field(default_factory=set)
    """The people who decided it, and who can't decide it again after an appeal."""

    @property
    def open(self) -> bool:
        return self.status in OPEN


@dataclass
class Deal:
    """An order: a number, or a top-up. A replacement is worth what it replaces."""

    price: Decimal
    bought_at: datetime
    is_top_up: bool = False
    sms: bool = False
    completed: bool = False
    cancelled: bool = False
    ever_cancelled: bool = False
    cancelled_unused_at: datetime | None = None
    """When the shop first cancelled it, if nothing had come by then."""
    back: Decimal | None = None
    replaced: bool = False
    is_replacement: bool = False
    tales: list[Tale] = field(default_factory=list)

    @property
    def done(self) -> bool:
        return self.back is not None or self.replaced

    @property
    def tale(self) -> Tale | None:
        return self.tales[-1] if self.tales else None


@dataclass
class Oracle:
    now: datetime
    total: Decimal = Decimal(0)
    deals: list[Deal] = field(default_factory=list)

    @property
    def balances(self) -> tuple[Decimal, Decimal]:
        """The balance, and what no credit covers."""
        return max(Decimal(0), self.total), max(Decimal(0), -self.total)

    def buy(self, deal: Deal) -> None:
        self.total += deal.price if deal.is_top_up else -deal.price
        self.deals.append(deal)

    def give_back(self, deal: Deal, amount: Decimal | None = None) -> None:
        deal.back = deal.price if amount is None else amount
        self.total += deal.back
        if deal.tale and deal.tale.open:
            deal.tale.status = "refunded"

    def is_expired(self, deal: Deal) -> bool:
        at = deal.cancelled_unused_at
        rested = at is not None and self.now >= at + timedelta(seconds=60)
        used = deal.sms or deal.completed
        over = self.now >= deal.bought_at + ALLOTTED and not used
        return not (deal.is_top_up or deal.done) and (over or rested)

    def cancel(self, deal: Deal) -> None:
        """Cancel the order, as the shop reports."""
        if not (deal.sms or deal.completed or deal.cancelled_unused_at or deal.ever_cancelled):
            deal.cancelled_unused_at = self.now
        deal.cancelled = deal.ever_cancelled = True

    def replace(self, deal: Deal, tale: Tale) -> None:
        deal.replaced, tale.status = True, "replaced"
        self.deals.append(Deal(deal.price, self.now, is_replacement=True))

    def pass_time(self) -> None:
        """Run all sweeps once."""
        for deal in self.deals:
            if self.is_expired(deal):
                self.give_back(deal)
            if deal.tale:
                self._sweep(deal, deal.tale)

    def _sweep(self, deal: Deal, tale: Tale) -> None:
        since, days = (tale.requested_at, 2) if tale.requested_at else (tale.offered_at, 7)
        if tale.status == "offered" and since and self.now >= since + days * DAY:
            self.give_back(deal)
        if tale.status != "waiting_customer" or tale.asked_at is None:
            return
        given_up_at = max(tale.asked_at + 7 * DAY, (tale.reminded_at or self.now) + 5 * DAY)
        if tale.reminded_at is None and self.now >= tale.asked_at + 2 * DAY:
            tale.reminded_at = self.now
        elif tale.reminded_at and self.now >= given_up_at:
            tale.status, tale.closed_at = "rejected", self.now

    def may_file(self, deal: Deal, kind: str) -> bool:
        first_late_day = deal.bought_at.date() + 6 * DAY
        in_time = self.now < datetime.combine(first_late_day, time.min, tzinfo=UTC)
        free = not (deal.is_top_up or deal.done or (deal.tale and deal.tale.open))
        return free and in_time and self._fits(deal, kind, at=self.now)

    def _fits(self, deal: Deal, kind: str, *, at: datetime) -> bool:
        told = deal.sms or deal.completed or deal.cancelled
        is_waiting = not told and at < deal.bought_at + ALLOTTED
        # A cancellation that the shop reported after the completion counts.
        used = deal.sms and deal.completed and not deal.cancelled
        return kind == "major_defect" or not (is_waiting or used)

    def may_judge(self, deal: Deal, by: str) -> bool:
        tale = deal.tale
        free = tale and tale.open and not (tale.status == "offered" and tale.requested_at)
        return bool(tale and free and not (tale.appealed and by in tale.judges))

    def may_repair(self, deal: Deal, by: str) -> bool:
        it = deal.tale
        fits = it and it.kind == "major_defect" and it.status in UNSETTLED
        return bool(fits and self.may_judge(deal, by))

    def may_approve(self, deal: Deal, by: str) -> bool:
        it = deal.tale
        return bool(it and self.may_judge(deal, by) and self._fits(deal, it.kind, at=it.filed_at))

    def may_offer(self, deal: Deal, by: str) -> bool:
        it = deal.tale
        fits = it and it.kind == "major_defect" and it.status in UNSETTLED
        first = not deal.is_replacement or by == SUPERVISOR
        return bool(fits and first and self.may_approve(deal, by))

    def may_appeal(self, deal: Deal) -> bool:
        tale = deal.tale
        if not tale or tale.status != "rejected" or tale.closed_at is None or tale.appealed:
            return False
        return not deal.done and self.now < tale.closed_at + 5 * DAY
