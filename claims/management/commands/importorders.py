from __future__ import annotations

import sys
from argparse import ArgumentTypeError
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser

from claims.actions.orders.arrivals import Arrivals
from claims.actions.orders.importer import import_orders, rehearse_import
from claims.formats.fields import BadRow
from claims.formats.order_reports import read_report
from claims.formats.reports import OrderReport
from claims.management.import_summary import ImportSummary
from claims.management.row_files.files import BadFile, Row, rewindable
from claims.management.row_files.reading import read_rows
from claims.queries.core.clock import database_now


class Command(BaseCommand):
    help = (
        "Create and update orders, customers and their credit from the shop's reports, in CSV,"
        " .xlsx or JSON Lines (docs/import.md). Importing a file again changes nothing. Prints bad"
        " rows with their line numbers, imports the others, and exits with 1 if there is a bad row."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="the file's path, or - for standard input")
        parser.add_argument(
            "--format",
            choices=["csv", "jsonl"],
            help="by default, the name (.csv, .jsonl) or the first byte ({ for JSON) decides",
        )
        parser.add_argument(
            "--zone",
            type=_zone,
            help="the time zone of times without an offset, such as UTC or Europe/Berlin; they are"
            " refused by default",
        )
        parser.add_argument(
            "--history",
            action="store_true",
            help="mark new orders as history: the shop is not told of their automatic returns",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="print a summary of what would change, and change nothing",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.summary = ImportSummary()
        now = database_now()
        run = rehearse_import if options["dry_run"] else import_orders
        try:
            with self._opened(options["file"]) as opened, rewindable(opened) as stream:
                rows = read_rows(
                    stream,
                    name=options["file"],
                    format_=options["format"],
                    zone=options["zone"],
                    warn=self._warn,
                )
                reports = self._reports(rows, now=now)
                self._sum(run(reports=reports, now=now, is_history=options["history"]))
        except BadFile as error:
            raise CommandError(str(error)) from error
        self._tell_end(is_rehearsal=options["dry_run"])
        if bad_rows := self.summary.bad_rows:
            others = "would be" if options["dry_run"] else "were"
            raise CommandError(f"Bad rows: {bad_rows}. All others {others} imported.")

    def _opened(self, name: str) -> Any:
        if name == "-":
            return nullcontext(sys.stdin.buffer)
        try:
            return Path(name).open("rb")
        except OSError as error:
            raise CommandError(f"{name} can't be read: {error.strerror}.") from error

    def _reports(self, rows: Iterable[Row], *, now: datetime) -> Iterator[OrderReport]:
        for line, values in rows:
            try:
                if isinstance(values, BadRow):
                    raise values
                yield read_report(values, line=line, now=now)
            except BadRow as bad:
                self._tell_bad(line, "; ".join(bad.reasons))

    def _sum(self, answers: Iterable[Arrivals]) -> None:
        for answer in answers:
            self.summary.add(answer)
            for line, reason in sorted([*answer.refused, *answer.unclear]):
                self._tell_bad(line, reason)

    def _tell_end(self, *, is_rehearsal: bool) -> None:
        if not is_rehearsal:
            self.stdout.write(self.summary.counts)
            return
        for line in self.summary.details():
            self.stdout.write(line)
        self.stdout.write(f"Dry run, nothing was changed. {self.summary.counts}")

    def _tell_bad(self, line: int, reasons: str) -> None:
        self.summary.refuse(reasons)
        self.stderr.write(f"line {line}: {reasons}", self.style.ERROR)

    def _warn(self, text: str) -> None:
        self.stderr.write(text, self.style.WARNING)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ArgumentTypeError(f"{name} is not a time zone such as Europe/Berlin") from error
