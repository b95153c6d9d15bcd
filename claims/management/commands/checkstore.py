from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from claims.queries.uploads import store_audit
from claims.storage import StoreUnavailable

Fault = store_audit.Fault
ADVICE = {
    Fault.MISSING: (
        "missing: put the file back from a backup of the store. What no backup has is lost; ask"
        " the customer for it again while the claim is open."
    ),
    Fault.LEFT_OVER: (
        "left over: nothing to do. The hourly sweep deletes a file that no row names once it is"
        " older than a day. If the same names stand here tomorrow, see whether a worker runs."
    ),
    Fault.CHANGED: (
        "changed: somebody or something wrote to the store. Put the file back from a backup, and"
        " find out who may write there besides the portal."
    ),
}


class Command(BaseCommand):
    help = (
        "Compare the rows with the files in the spool and in the evidence store. Tells each file"
        " that is missing, left over or changed on a line of its own, and exits with 1 when there"
        " is one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--fast", action="store_true", help="compare sizes alone, and read no file"
        )
        parser.add_argument(
            "--grace",
            type=float,
            default=1.0,
            metavar="HOURS",
            help="a file without a row may be on its way: it counts once it is so old (1)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found = store_audit.faults(
            now=timezone.now(),
            grace=timedelta(hours=options["grace"]),
            hashing=not options["fast"],
        )
        counts: Counter[Fault] = Counter()
        try:
            for finding in found:
                counts[finding.fault] += 1
                self.stderr.write(_line(finding), self.style.ERROR)
        except StoreUnavailable as failure:
            raise CommandError(f"The store can't be read, so this is no result: {failure}") from (
                failure
            )
        for fault in counts:
            self.stderr.write(ADVICE[fault])
        if counts:
            told = ", ".join(f"{count} {fault}" for fault, count in sorted(counts.items()))
            raise CommandError(f"Rows and files differ: {told}.")
        self.stdout.write(self.style.SUCCESS(self._summary()))

    def _summary(self) -> str:
        kept = [
            f"{place.rows.count()} files in the {place.label}" for place in store_audit.places()
        ]
        return f"Rows and files agree: {', '.join(kept)}."


def _line(finding: store_audit.StoreFault) -> str:
    line = f"{finding.fault}: {finding.place} {finding.name}"
    return f"{line} ({finding.details})" if finding.details else line
