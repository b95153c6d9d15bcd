"""The JSON of orders, claims and credit for customers' programs. Instants are in UTC."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from ninja import Field, Schema

from accounts.models import CreditTransfer
from claims import policy, queries, wording
from claims.models import Claim, Event, Order, Upload


class FindingOut(Schema):
    """The answer of one clause of the return policy."""

    clause: str = Field(description="The clause's slug, as on the policy page.")
    outcome: str = Field(description="met, failed, or for_reviewer.")
    message: str


class VerdictOut(Schema):
    """The verdict on a claim of one kind that has a clear reason and every proof."""

    kind: str
    can_be_filed: bool
    failed: list[FindingOut]


class UploadOut(Schema):
    """A file that is being sent, or that a claim shows."""

    token: str
    kind: str
    name: str
    state: str
    problem: str


class OrderOut(Schema):
    order_id: str
    product: str
    phone: str | None = Field(description="In E.164, or as it was sent if it isn't readable.")
    service: str | None = Field(description="The slug; null while the service is unknown.")
    service_name: str | None = Field(
        description="The service's name; while it is unknown, the name that was sent, marked."
    )
    country: str | None = Field(description="ISO 3166-1 alpha-2; null if it is unknown.")
    price: Decimal
    currency: str
    purchased_at: datetime
    allotted_until: datetime | None
    activation: str | None
    sms_received_at: datetime | None
    claims_close_at: datetime = Field(description="A claim is in time before this instant.")
    returned_at: datetime | None
    replaces: str | None = Field(description="The order that this one replaces, at no cost.")
    replaced_by: str | None
    claim: str | None = Field(description="The code of the newest claim on it.")
    verdicts: list[VerdictOut] = Field(description="Empty while a claim is open.")


class OrdersOut(Schema):
    orders: list[OrderOut]
    page: int
    pages: int


class OrderAndFilesOut(OrderOut):
    uploads: list[UploadOut] = Field(description="Files for it that no claim shows yet.")


class DecisionOut(Schema):
    outcome: str
    clause: str | None
    note: str
    decided_at: datetime


class MomentOut(Schema):
    """A line of a claim's story."""

    kind: str
    at: datetime
    note: str
    clause: str | None


class ClaimOut(Schema):
    code: str
    order_id: str
    kind: str
    status: str
    is_open: bool
    filed_at: datetime
    closed_at: datetime | None


class ClaimsOut(Schema):
    claims: list[ClaimOut]
    page: int
    pages: int


class WholeClaimOut(ClaimOut):
    reason: str
    decision: DecisionOut | None
    evidence: list[UploadOut]
    story: list[MomentOut]


class BalanceOut(Schema):
    currency: str
    balance: Decimal
    uncovered: Decimal = Field(description="Purchases beyond the credit that the portal knows of.")


class TransferOut(Schema):
    kind: str
    amount: Decimal = Field(description="Negative when the credit went to the shop.")
    currency: str
    made_at: datetime
    order_id: str | None
    is_pending: bool = Field(description="The shop has yet to acknowledge it.")


class CreditOut(Schema):
    balances: list[BalanceOut]
    transfers: list[TransferOut]
    page: int
    pages: int


def order_out(order: Order, claim: Claim | None, *, now: datetime) -> OrderOut:
    """Return the shape of an order that comes from `queries.orders_with_claims`."""
    number = order.number
    return OrderOut(
        order_id=order.shop_id,
        product=order.product,
        phone=number.phone or number.phone_sent if number else None,
        service=number.service_id if number else None,
        service_name=number.service_name if number else None,
        country=number.country or None if number else None,
        price=order.price,
        currency=order.currency,
        purchased_at=order.purchased_at,
        allotted_until=order.allotted_until,
        activation=order.activation or None,
        sms_received_at=order.sms_received_at,
        claims_close_at=order.claims_close_at,
        returned_at=order.returned_at,
        replaces=order.replaces.shop_id if order.replaces else None,
        replaced_by=order.replacement_order.shop_id if order.replaced_at else None,
        claim=claim.code if claim else None,
        verdicts=[] if claim and claim.is_open else _verdicts(order, now=now),
    )


def _verdicts(order: Order, *, now: datetime) -> list[VerdictOut]:
    found = policy.prospects(order.facts(kind="", filed_at=now), order.policy_version.terms)
    return [
        VerdictOut(
            kind=kind.value,
            can_be_filed=verdict.eligible,
            failed=[
                FindingOut(
                    clause=f.clause.value, outcome=f.outcome.value, message=wording.sentence(f, UTC)
                )
                for f in verdict.failed
            ],
        )
        for kind, verdict in found.items()
    ]


def uploads_out(uploads: Iterable[Upload]) -> list[UploadOut]:
    return [
        UploadOut(
            token=upload.token,
            kind=upload.kind,
            name=upload.original_name,
            state=upload.state,
            problem=upload.problem_in_words,
        )
        for upload in uploads
    ]


def claim_out(claim: Claim) -> ClaimOut:
    return ClaimOut(
        code=claim.code,
        order_id=claim.order.shop_id,
        kind=claim.kind,
        status=claim.status,
        is_open=claim.is_open,
        filed_at=claim.filed_at,
        closed_at=claim.closed_at,
    )


def whole_claim_out(claim: Claim) -> WholeClaimOut:
    decision = claim.decision
    return WholeClaimOut(
        **claim_out(claim).dict(),
        reason=claim.reason,
        decision=DecisionOut(
            outcome=decision.outcome,
            clause=decision.clause or None,
            note=decision.note,
            decided_at=decision.decided_at,
        )
        if decision
        else None,
        evidence=uploads_out(item.upload for item in queries.evidence_of(claim)),
        story=[_moment(event) for event in queries.story_of(claim)],
    )


def _moment(event: Event) -> MomentOut:
    return MomentOut(
        kind=event.kind,
        at=event.at,
        note=str(event.data.get("note", "")),
        clause=event.data.get("clause") or None,
    )


def balances_out(balances: Iterable[queries.Balance]) -> list[BalanceOut]:
    return [
        BalanceOut(currency=each.currency, balance=each.balance, uncovered=each.uncovered)
        for each in balances
    ]


def transfers_out(transfers: Sequence[CreditTransfer], *, owner_id: int) -> list[TransferOut]:
    """Return the shapes of transfers that were fetched with their charges."""
    return [_transfer(transfer, owner_id) for transfer in transfers]


def _transfer(transfer: CreditTransfer, owner_id: int) -> TransferOut:
    acknowledgement = getattr(transfer, "acknowledgement", None)
    is_out = transfer.debit.owner_id == owner_id
    return TransferOut(
        kind=transfer.kind,
        amount=-transfer.amount if is_out else transfer.amount,
        currency=transfer.currency,
        made_at=transfer.made_at,
        order_id=transfer.charge.reference if transfer.charge else None,
        is_pending=bool(acknowledgement and acknowledgement.is_pending),
    )
