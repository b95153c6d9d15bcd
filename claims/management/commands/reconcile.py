from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from claims import queries
from claims.models import Acknowledgement
from claims.queries.core.clock import database_now
from claims.queries.shop.balance_differences import BalanceDifference, balance_differences


class Command(BaseCommand):
    help = (
        "List the returned credits that the shop has not acknowledged within an hour, or has"
        " answered with another amount, and the balances for which it told another figure than"
        " ours, one per line. Exits with 1 if there is one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--minutes", type=int, default=60, help="the time that the shop has to acknowledge (60)"
        )

    def handle(self, *args: Any, minutes: int, **options: Any) -> None:
        if minutes < 0:
            raise CommandError("--minutes must be 0 or more.")
        count = 0
        before = database_now() - timedelta(minutes=minutes)
        for row in queries.open_returns(before=before).iterator():
            count += 1
            self.stderr.write(_sentence(row), self.style.ERROR)
        differences = 0
        for difference in balance_differences():
            differences += 1
            self.stderr.write(_difference(difference), self.style.ERROR)
        if count or differences:
            raise CommandError(
                f"Returns that the shop and the portal don't agree on: {count}."
                f" Balances: {differences}."
            )
        self.stdout.write(
            self.style.SUCCESS("The shop has acknowledged all returns and tells our balances.")
        )


def _sentence(row: Acknowledgement) -> str:
    returned = f"{row} returned at {row.returned_at:%Y-%m-%dT%H:%M:%SZ}"
    if row.state == Acknowledgement.State.DIFFERS:
        return f"{returned}, the shop says {row.answered_amount} {row.answered_currency}"
    return f"{returned}, not acknowledged"


def _difference(row: BalanceDifference) -> str:
    said = (
        f"{row.customer}, {row.currency}: the shop says {row.told} at {row.at:%Y-%m-%dT%H:%M:%SZ},"
        f" ours is {row.ours}, {row.difference:+f} apart"
    )
    if row.is_explained:
        return f"{said}; returns of {row.pending} aren't acknowledged"
    causes = [
        f"returns of {row.pending} aren't acknowledged" if row.pending else "",
        f"{row.unapplied} events wait or were refused" if row.unapplied else "",
    ]
    return "; ".join([said, *filter(None, causes)] if any(causes) else [said, "unexplained"])
