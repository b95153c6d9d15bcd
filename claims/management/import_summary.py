"""The sum of an import: counts, refused rows by reason, and the first changes of orders."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from claims.actions.orders.arrivals import Arrivals, first_changes

MOST_REASONS: Final = 50
OTHERS: Final = "other reasons"
# The parts of a reason that differ from row to row: values, addresses, and longer numbers.
VALUES: Final = re.compile(r"“[^”]*”|\S+@\S+|\d[\d.,:TZ+-]{2,}")


class ImportSummary:
    """The results of all batches, in constant memory."""

    def __init__(self) -> None:
        self.total = Arrivals()
        self.bad_rows = 0
        self.reasons: Counter[str] = Counter()

    def add(self, answer: Arrivals) -> None:
        """Add the counts and changes of a batch; `refuse` adds its refused rows."""
        total = self.total
        total.created += answer.created
        total.updated += answer.updated
        total.unchanged += answer.unchanged
        total.customers += answer.customers
        total.changes = first_changes([*total.changes, *answer.changes])

    def refuse(self, reasons: str) -> None:
        """Add a refused row, which counts once for each of its reasons."""
        self.bad_rows += 1
        for reason in dict.fromkeys(map(_kind_of, reasons.split("; "))):
            is_known = reason in self.reasons or len(self.reasons) < MOST_REASONS
            self.reasons[reason if is_known else OTHERS] += 1

    @property
    def counts(self) -> str:
        total = self.total
        return (
            f"Orders: {total.created} created, {total.updated} updated,"
            f" {total.unchanged} unchanged. Customers: {total.customers} created."
            f" Rows: {self.bad_rows} bad."
        )

    def details(self) -> Iterator[str]:
        """Yield the first orders that would change, and the refused rows by reason."""
        changes = self.total.changes
        if changes:
            first = f", the first {len(changes)}" if self.total.updated > len(changes) else ""
            yield f"Orders that would change{first}:"
            for change in changes:
                yield f"  line {change.line}, {change.order_id}: {'; '.join(change.fields)}"
        if self.reasons:
            yield "Rows that would be refused, by reason:"
            for reason, count in self.reasons.most_common():
                yield f"  {count} × {reason}"


def _kind_of(reason: str) -> str:
    """Return the reason without its values, so that rows with the same fault count together."""
    return VALUES.sub("…", reason.split(": ")[0])
