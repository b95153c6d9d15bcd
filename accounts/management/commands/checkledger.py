from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.checking import faults


class Command(BaseCommand):
    help = (
        "Prove that each credit balance is the sum of its transfers, that all balances add up to"
        " zero, and that no order got back more than it paid. Tells each fault on a line of its"
        " own, and exits with 1 when there is one."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for fault in faults():
            count += 1
            self.stderr.write(fault, self.style.ERROR)
        if count:
            raise CommandError(f"The ledger does not add up. Faults: {count}.")
        self.stdout.write(self.style.SUCCESS("The ledger adds up."))
