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
        "missing: restore the file from a backup of the store. If no backup has it, ask the"
        " customer for it again while the claim is open."
    ),
    Fault.LEFT_OVER: (
        "left over: nothing to do. The hourly sweep deletes a file that no row names once it is"
        " older than a day. If you see the same names tomorrow, check that a worker is running."
    ),
    Fault.CHANGED: (
        "changed: someone or something wrote to the store. Restore the file from a backup, and find"
        " out who can write there besides the portal."
    ),
}


class Command(BaseCommand):
    help = (
        "Compare the rows with the files in the spool and in the evidence store. Prints each file"
        " that is missing, left over or changed on its own line, and exits with 1 if there is one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--fast", action="store_true", help="compare only sizes, and read no file"
        )
        parser.add_argument(
            "--grace",
            type=float,
            default=1.0,
            metavar="HOURS",
            help="report a file without a row, which may be on its way, from this age on (1)",
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
            raise CommandError(
                f"The store can't be read, so the check is incomplete: {failure}"
            ) from (failure)
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
