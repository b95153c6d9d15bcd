from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.checking import faults


class Command(BaseCommand):
    help = (
        "Check that each credit balance is the sum of its transfers, that all balances add up to"
        " zero, and that no order got back more than it paid. Prints each fault on its own line,"
        " and exits with 1 if there is one."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for fault in faults():
            count += 1
            self.stderr.write(fault, self.style.ERROR)
        if count:
            raise CommandError(f"The ledger does not add up. Faults: {count}.")
        self.stdout.write(self.style.SUCCESS("The ledger adds up."))
