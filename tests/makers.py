"""Functions that make a test's rows from few arguments."""

from __future__ import annotations

import hashlib
import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import uuid4

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts import ledger
from accounts.models import (
    BalanceSnapshot,
    Charge,
    CreditAccount,
    CreditTransfer,
    CustomerId,
    CustomerMerge,
    User,
)
from claims.actions.customer import filing
from claims.actions.orders import automatic_returns
from claims.actions.review import leases
from claims.actions.uploads import intake, pieces
from claims.inspection.formats import EvidenceKind
from claims.models import (
    Acknowledgement,
    Claim,
    Incident,
    Lease,
    Number,
    Offer,
    Order,
    Replacement,
    ShopEvent,
    Upload,
    Webhook,
)

PASSWORD = "a-long-and-quiet-password"
APRIL = datetime(2026, 4, 1, 12, tzinfo=UTC)
REASON = "The code never arrived, although I asked for it three times."
ANSWERS = dict.fromkeys(
    [
        "terms",
        "activation-complete",
        "server-side",
        "proof",
        "critical-defect",
        "repair",
        "api-misuse",
        "third-party",
    ],
    "met",
)
_serial = itertools.count(1)


def make_user(email: str, **fields: Any) -> User:
    user = User.objects.create_user(email, PASSWORD, **fields)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def make_customer_id(user: User, customer_id: str) -> CustomerId:
    """Give a person an id of the shop."""
    return CustomerId.objects.create(customer_id=customer_id, user=user, made_at=timezone.now())


def make_merge(
    merged: User, survivor: User, *, mailed_ago: timedelta = timedelta(hours=25), **fields: Any
) -> CustomerMerge:
    """Have two people of staff decide that two customers become one; both are mailed already."""
    at = timezone.now() - mailed_ago
    ida, olaf = map(_decider, ("ida@example.com", "olaf@example.com"))
    plain = {
        "reason": "They are one person.",
        "state": CustomerMerge.State.CONFIRMED,
        "asked_by": ida,
        "asked_at": at,
        "confirmed_by": olaf,
        "confirmed_at": at,
        "merged_address": merged.email,
        "survivor_address": survivor.email,
        "merged_mailed_at": at,
        "survivor_mailed_at": at,
    }
    return CustomerMerge.objects.create(merged=merged, survivor=survivor, **(plain | fields))


def _decider(email: str) -> User:
    return User.objects.filter(email=email).first() or make_staff(email, "Supervisor")


def make_staff(email: str, group: str) -> User:
    name = email.partition("@")[0].title()
    user = make_user(email, display_name=name, is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return user


def top_up(
    customer: User, amount: str, *, currency: str = "EUR", made_at: datetime | None = None
) -> CreditTransfer:
    """Add credit, as a top-up that needs no order."""
    charge = make_charge(
        customer, amount, kind=Charge.Kind.TOP_UP, currency=currency, made_at=made_at
    )
    return charge.transfers.get(kind=CreditTransfer.Kind.TOP_UP)


def make_charge(
    customer: User,
    amount: str,
    *,
    kind: Charge.Kind = Charge.Kind.PURCHASE,
    currency: str = "EUR",
    reference: str = "",
    made_at: datetime | None = None,
) -> Charge:
    """Return a purchase or a top-up that is booked."""
    reference = reference or f"test-{next(_serial)}"
    new = ledger.NewCharge(
        customer_id=customer.pk,
        kind=kind,
        amount=Decimal(amount),
        currency=currency,
        reference=reference,
        made_at=made_at or timezone.now(),
    )
    return ledger.charge_all([new])[reference]


def make_order(
    customer: User,
    *,
    service: str = "whatsapp",
    service_sent: str = "",
    two_factor: bool = False,
    purchased_at: datetime | None = None,
    allotted: timedelta = timedelta(minutes=20),
    activation: str = "timed_out",
    sms: bool = False,
    completed: bool = False,
    price: str = "2.50",
    currency: str = "EUR",
    channel: str = "web",
    phone: str = "",
    country: str = "DE",
    **fields: Any,
) -> Order:
    """Return a number's order, paid for from credit. By default it was bought an hour ago.

    Without a service, it is unmapped under the name `service_sent`.
    """
    serial = next(_serial)
    bought = purchased_at or timezone.now() - timedelta(hours=1)
    shop_id = fields.pop("shop_id", f"ORD-{serial:05}")
    phone = phone or f"+49151{10_000_000 + serial}"
    order = Order(
        shop_id=shop_id,
        charge=_paid(customer, price, currency=currency, reference=shop_id, at=bought),
        customer=customer,
        product=Order.Product.NUMBER,
        number=_number(phone, service, service_sent, country, two_factor),
        channel=channel,
        price=Decimal(price),
        currency=currency,
        purchased_at=bought,
        allotted_until=bought + allotted,
        reported_at=bought,
        **_progress(bought, activation, sms=sms, completed=completed),
        **fields,
    )
    # Skip the constraints, which Django would check by queries: the insert checks them.
    order.full_clean(validate_constraints=False)
    order.save()
    return order


def _number(phone: str, service: str, sent: str, country: str, two_factor: bool) -> Number:
    return Number.objects.create(
        phone=phone,
        service_id=service or None,
        service_sent=sent or service,
        country=country,
        supplier="north",
        two_factor=two_factor,
    )


def _progress(bought: datetime, activation: str, *, sms: bool, completed: bool) -> dict[str, Any]:
    """Return the activation and the times of an SMS and a completion soon after the purchase."""
    if completed:
        activation = "completed"
    elif sms:
        activation = "sms_received"
    return {
        "activation": activation,
        "sms_received_at": bought + timedelta(minutes=2) if sms or completed else None,
        "completed_at": bought + timedelta(minutes=3) if completed else None,
    }


def _paid(customer: User, price: str, *, currency: str, reference: str, at: datetime) -> Charge:
    """Return a purchase that a top-up of the same amount covers."""
    if Decimal(price):
        top_up(customer, price, currency=currency)
    return make_charge(customer, price, currency=currency, reference=reference, made_at=at)


def make_top_up_order(customer: User, *, amount: str = "20.00", currency: str = "EUR") -> Order:
    """Return a credit top-up, as the shop reports it."""
    now = timezone.now()
    shop_id = f"TOP-{next(_serial):05}"
    kind = Charge.Kind.TOP_UP
    order = Order(
        shop_id=shop_id,
        charge=make_charge(
            customer, amount, kind=kind, currency=currency, reference=shop_id, made_at=now
        ),
        customer=customer,
        product=Order.Product.TOP_UP,
        channel="web",
        price=Decimal(amount),
        currency=currency,
        purchased_at=now,
        reported_at=now,
    )
    order.full_clean(validate_constraints=False)
    order.save()
    return order


def make_sent(content: bytes, offset: int = 0) -> pieces.SentPiece:
    """Return an upload with one piece, as it arrives."""
    sha256 = hashlib.sha256(content).hexdigest()
    return pieces.SentPiece(
        file=ContentFile(content), offset=offset, size=len(content), sha256=sha256
    )


def make_upload(
    order: Order,
    *,
    kind: str = "screenshot",
    content: bytes = b"not decoded in this test",
    name: str = "proof.png",
    state: str = "waiting",
    problem: str = "",
    by: User | None = None,
) -> Upload:
    """Return a file in the spool; with another `state`, as if a worker had inspected it."""
    upload = intake.receive_upload(
        order=order,
        by=by or order.customer,
        received=intake.Received(
            file=ContentFile(content),
            name=name,
            kind=cast(EvidenceKind, kind),
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
        ),
        now=timezone.now(),
    )
    if state != Upload.State.WAITING:
        upload.state = state
        upload.problem = problem or ("damaged" if state == "refused" else "")
        upload.inspected_at = timezone.now()
        upload.save()
    return upload


def make_claim(
    order: Order,
    *,
    kind: str = "sms_not_received",
    reason: str = REASON,
    proofs: tuple[str, ...] = (),
    customer_two_factor: bool = False,
    state: str = "accepted",
    now: datetime | None = None,
) -> Claim:
    """Return a claim as its customer files it, with one upload of each kind in `proofs`."""
    uploads = [make_upload(order, kind=proof, state=state) for proof in proofs]
    return filing.file_claim(
        order_id=order.pk,
        by=order.customer,
        kind=kind,
        reason=reason,
        customer_two_factor=customer_two_factor,
        terms_accepted=True,
        uploads=[upload.token for upload in uploads],
        submission=uuid4(),
        now=now or timezone.now(),
    )


def make_lease(claim: Claim, by: User, *, now: datetime | None = None) -> Lease:
    """Give the reviewer a lease on the claim."""
    return leases.take(claim_id=claim.pk, by=by, now=now or timezone.now())


def make_offer(claim: Claim, by: User) -> Offer:
    """Return an offer's row only: the claim's status doesn't change."""
    now = timezone.now()
    until = now + timedelta(days=7)
    return Offer.objects.create(claim=claim, note="Another?", by=by, made_at=now, answer_by=until)


def make_replacement(offer: Offer, **fields: Any) -> Replacement:
    """Return a request to the shop for a replacement; by default it was made just now."""
    now = timezone.now()
    wanted = {"made_at": now, "answer_by": now + timedelta(days=2)} | fields
    return Replacement.objects.create(claim=offer.claim, offer=offer, **wanted)


def make_shop_event(
    event_id: str = "msg_1",
    *,
    state: str = "unknown",
    received_at: datetime | None = None,
    customer_id: str = "",
) -> ShopEvent:
    """Return an event, by default of an unknown type; whatever its state, it changed nothing."""
    at = received_at or timezone.now()
    return ShopEvent.objects.create(
        event_id=event_id,
        type="shop.closed",
        at=at,
        customer_id=customer_id,
        state=state,
        problem="The order isn't known." if state in ("waiting", "refused") else "",
        received_at=at,
        settled_at=None if state == "waiting" else at,
    )


def make_snapshot(account: CreditAccount, balance: str = "1.00") -> BalanceSnapshot:
    """Return the shop's figure for a balance."""
    return BalanceSnapshot.objects.create(
        account=account,
        event_id=f"figure-{next(_serial)}",
        balance=Decimal(balance),
        at=timezone.now(),
    )


def make_webhook(order: Order, state: str = "waiting") -> Webhook:
    """Return a webhook with arbitrary content."""
    now = timezone.now()
    return Webhook.objects.create(
        type="claim.filed",
        cause=f"test:{next(_serial)}",
        order=order,
        at=now,
        due_at=now,
        state=state,
        problem="The shop answered 503." if state == "dead" else "",
    )


def make_acknowledgement(order: Order) -> Acknowledgement:
    """Return the pending acknowledgement of a return for this order."""
    automatic_returns.cancel_and_return(order_id=order.pk, by=order.customer, now=timezone.now())
    order.refresh_from_db()
    assert order.return_transfer
    assert order.returned_at
    return Acknowledgement.objects.create(
        order=order,
        transfer=order.return_transfer,
        amount=order.price,
        currency=order.currency,
        returned_at=order.returned_at,
    )


def make_incident(by: User) -> Incident:
    """Return an incident that has been answered, with no claim in it."""
    return Incident.objects.create(
        supplier="north",
        service="whatsapp",
        country="DE",
        hour=timezone.now(),
        because="Their gateway was down.",
        by=by,
        answered_at=timezone.now(),
        submission=uuid4(),
    )


def newest_event(claim: Claim) -> int:
    """Return the id of the newest event, which a reviewer with the open page has seen."""
    return claim.events.latest("pk").pk
