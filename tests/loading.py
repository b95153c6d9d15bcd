"""Customers and staff at work, whatever the database does: python -m tests.loading ORDERS.

Each of four threads buys, files and approves, one order after the other. If a step fails because
the database is down, the thread tries it again with the same ids, as a browser or a worker does.
Each answered step is printed on a line of its own.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import django

THREADS = 4
PATIENCE = 180  # seconds


def again_and_again(act: Callable[[], Any]) -> Any:
    """Repeat the step until the database is back. A refusal then means that it was done before the
    stop.
    """
    from django.core.exceptions import ValidationError  # noqa: PLC0415 - as above
    from django.db import InterfaceError, OperationalError, connection  # noqa: PLC0415 - likewise

    end = time.monotonic() + PATIENCE
    while True:
        try:
            return act()
        except ValidationError as error:
            return error
        except (InterfaceError, OperationalError):
            connection.close()
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def say(line: str) -> None:
    """Print the line at once: four threads write."""
    os.write(sys.stdout.fileno(), f"{line}\n".encode())


def live(number: int) -> None:
    """Play one order: topped up, bought, used, claimed, approved."""
    from django.utils import timezone  # noqa: PLC0415 - not before the set-up

    from accounts.models import User  # noqa: PLC0415 - models can't be imported before the set-up
    from claims.actions.customer import filing  # noqa: PLC0415 - likewise
    from claims.actions.orders import intake  # noqa: PLC0415 - likewise
    from claims.actions.review import decisions, leases  # noqa: PLC0415 - likewise
    from claims.models import Claim, Order  # noqa: PLC0415 - likewise
    from tests.claims.actions.orders.reports import bought, topped_up  # noqa: PLC0415 - likewise
    from tests.makers import ANSWERS, REASON, newest_event  # noqa: PLC0415 - likewise

    name, now = f"N-{number}", timezone.now()
    email = f"customer-{number}@example.com"
    paid = topped_up(f"T-{number}", "2.50", customer_email=email, purchased_at=now, updated_at=now)
    used = bought(
        name, customer_email=email, price=Decimal("2.50"), purchased_at=now,
        activation="sms_received", sms_received_at=now, updated_at=now,
    )  # fmt: skip
    again_and_again(lambda: intake.receive_orders(reports=[paid, used], now=timezone.now()))
    say(f"bought {name}")

    def file() -> Claim:
        order = Order.objects.select_related("customer").get(shop_id=name)
        return filing.file_claim(
            order_id=order.pk, by=order.customer, kind="major_defect", reason=REASON,
            customer_two_factor=False, terms_accepted=True, uploads=[],
            submission=uuid5(NAMESPACE_URL, name), now=timezone.now(),
        )  # fmt: skip

    claim = again_and_again(file)
    say(f"filed {name}")

    def approve() -> None:
        sue = User.objects.get(email="sue@example.com")
        leases.take(claim_id=claim.pk, by=sue, now=timezone.now())
        decisions.approve(
            claim_id=claim.pk, by=sue, seen=newest_event(claim), answers=ANSWERS, note="",
            now=timezone.now() + timedelta(seconds=1),
        )  # fmt: skip

    again_and_again(approve)
    say(f"approved {name}")


def main() -> None:
    from tests.makers import make_staff  # noqa: PLC0415 - not before the set-up

    make_staff("sue@example.com", "Support")
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(live, range(int(sys.argv[1]))))


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    main()
