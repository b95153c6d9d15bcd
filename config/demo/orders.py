"""The demo's orders as the shop reports them. Ann has one for every clause in her portal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from claims.formats.reports import OrderReport
from claims.models import Order
from config.demo.people import ANN, CUSTOMERS

Activation = Order.Activation
MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
TOP_UP: Final = Decimal("60.00")
TOPPED_UP: Final = 230 * DAY
"""The age of everybody's top-up, which comes before any of the other orders."""
CURRENCIES: Final = {person.email: person.currency for person in CUSTOMERS}
# Prefixes, without the last three digits, of numbers that no one has or that countries reserve for
# films and books.
PREFIXES: Final = {
    "BR": "+5511900000", "DE": "+4915100000", "ES": "+34600000", "FR": "+33700000",
    "GB": "+447700900", "ID": "+62812000000", "KZ": "+77000000", "NL": "+31610000",
    "PL": "+48500000", "US": "+1202555",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Purchase:
    """One purchase of a number. Its times count from the purchase."""

    shop_id: str
    customer: str
    service: str
    ago: timedelta
    country: str = "DE"
    supplier: str = "north"
    price: str = "1.20"
    channel: str = "web"
    two_factor: bool = False
    allotted: timedelta = 20 * MINUTE
    activation: str = Activation.COMPLETED
    sms_after: timedelta | None = 2 * MINUTE

    @property
    def currency(self) -> str:
        return CURRENCIES[self.customer]


def without_sms(
    shop_id: str, service: str, ago: timedelta, *, activation: str, allotted: timedelta
) -> Purchase:
    return Purchase(
        shop_id=shop_id, customer=ANN, service=service, ago=ago, activation=activation,
        allotted=allotted, sms_after=None,
    )  # fmt: skip


RETURNED_THEN_SMS: Final = "NUM-1003"
HALF_SENT: Final = "NUM-1007"
"""The order with a half-sent file for a claim."""
PURCHASES_OF_ANN: Final = (
    # Its allotted time lasts for days, so that the wait can be seen; the next one's ends soon.
    without_sms("NUM-1001", "whatsapp", 3 * HOUR, activation=Activation.WAITING, allotted=7 * DAY),
    without_sms(
        "NUM-1002", "viber", 5 * MINUTE, activation=Activation.WAITING, allotted=20 * MINUTE
    ),
    without_sms(
        RETURNED_THEN_SMS,
        "google",
        2 * DAY,
        activation=Activation.TIMED_OUT,
        allotted=20 * MINUTE,
    ),
    without_sms(
        "NUM-1004", "instagram", 26 * HOUR, activation=Activation.CANCELLED, allotted=20 * MINUTE
    ),
    without_sms("NUM-1005", "discord", 4 * HOUR, activation=Activation.BANNED, allotted=7 * DAY),
    Purchase(shop_id="NUM-1006", customer=ANN, service="whatsapp", ago=9 * DAY, country="GB"),
    Purchase(shop_id="NUM-1007", customer=ANN, service="whatsapp", ago=7 * HOUR, country="FR"),
    Purchase(
        shop_id="NUM-1008",
        customer=ANN,
        service="google",
        ago=9 * HOUR,
        country="PL",
        activation=Activation.SMS_RECEIVED,
    ),
    Purchase(
        shop_id="NUM-1009",
        customer=ANN,
        service="telegram",
        ago=11 * HOUR,
        country="US",
        two_factor=True,
        price="2.40",
    ),
    Purchase(
        shop_id="NUM-1010",
        customer=ANN,
        service="telegram",
        ago=15 * HOUR,
        country="KZ",
        two_factor=True,
        channel="api",
        price="2.10",
    ),
    Purchase(
        shop_id="NUM-1011",
        customer=ANN,
        service="whatsapp",
        ago=17 * HOUR,
        country="ID",
        channel="api",
        price="0.80",
    ),
    Purchase(
        shop_id="NUM-1012",
        customer=ANN,
        service="telegram",
        ago=19 * HOUR,
        country="NL",
        price="2.20",
    ),
    # A name that the catalogue doesn't know.
    Purchase(
        shop_id="NUM-1013",
        customer=ANN,
        service="telegram-messenger",
        ago=21 * HOUR,
        country="PL",
    ),
)


def reports(purchases: Iterable[Purchase], *, now: datetime) -> Iterator[OrderReport]:
    """Yield the shop's reports on everybody's top-up and on these purchases, oldest first."""
    topped_up = [_top_up(person.email, now=now) for person in CUSTOMERS]
    bought = [_purchase(purchase, turn, now=now) for turn, purchase in enumerate(purchases)]
    yield from sorted([*topped_up, *bought], key=lambda report: report.updated_at)


def _top_up(email: str, *, now: datetime) -> OrderReport:
    serial = 1 + [person.email for person in CUSTOMERS].index(email)
    at = now - TOPPED_UP + serial * HOUR
    return OrderReport(
        line=0, order_id=f"TOP-{serial:04}", customer_email=email, customer_name="",
        product=Order.Product.TOP_UP, service="", country="", phone="", supplier="",
        two_factor=False, channel="web", price=TOP_UP, currency=CURRENCIES[email],
        purchased_at=at, allotted_until=None, activation="", sms_received_at=None,
        completed_at=None, updated_at=at,
    )  # fmt: skip


def _purchase(purchase: Purchase, turn: int, *, now: datetime) -> OrderReport:
    bought = now - purchase.ago
    sms = bought + purchase.sms_after if purchase.sms_after else None
    done = sms + MINUTE if sms and purchase.activation == Activation.COMPLETED else None
    over = bought + purchase.allotted
    ended = over if purchase.activation in (Activation.TIMED_OUT, Activation.CANCELLED) else bought
    return OrderReport(
        line=0, order_id=purchase.shop_id, customer_email=purchase.customer, customer_name="",
        product=Order.Product.NUMBER, service="", service_sent=purchase.service,
        country=purchase.country,
        phone=f"{PREFIXES[purchase.country]}{100 + turn}", supplier=purchase.supplier,
        two_factor=purchase.two_factor, channel=purchase.channel, price=Decimal(purchase.price),
        currency=purchase.currency, purchased_at=bought, allotted_until=over,
        activation=purchase.activation, sms_received_at=sms, completed_at=done,
        updated_at=done or sms or ended,
    )  # fmt: skip
