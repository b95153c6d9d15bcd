"""The operations for customers' programs, by the same actions as the portal's pages."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID, uuid4

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Path, Query, Router, Schema, Status

from accounts.models import ApiToken, User
from claims import access, queries
from claims.actions.customer import evidence, filing, withdrawal
from claims.api.problems import ProblemOut
from claims.api.shapes import (
    ClaimsOut,
    CreditOut,
    OrderAndFilesOut,
    OrdersOut,
    WholeClaimOut,
    balances_out,
    claim_out,
    order_out,
    transfers_out,
    uploads_out,
    whole_claim_out,
)
from claims.api.tokens import Token
from claims.models import Claim

PAGE_SIZE = 50
WORD = r"^[^/\x00-\x1f\x7f-\x9f]{1,64}$"
Scope = ApiToken.Scope
PageNumber = Annotated[
    int, Query(ge=1, le=1_000_000, description="The number of the page, from 1.")
]
OrderId = Annotated[str, Path(pattern=WORD, description="The shop's order id.", examples=["N-1"])]
Code = Annotated[str, Path(pattern=WORD, description="Such as CLM-7K3M-9QXD-2FTR.")]
UploadToken = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
# The database takes no NUL.
Text = Annotated[str, Field(pattern=r"^[^\x00]*$", max_length=4000)]
router = Router(tags=["customers"])


REFUSALS: dict[Any, Any] = dict.fromkeys([400, 401, 403, 404, 409, 413, 422, 429], ProblemOut)


class ClaimIn(Schema):
    kind: Claim.Kind
    reason: Text
    two_factor: bool = Field(False, description="The number asks for a password (2FA).")
    accepts_terms: bool = Field(description="The customer accepts the return policy and the terms.")
    uploads: list[UploadToken] = Field(
        [], max_length=50, description="Tokens of files that were sent for this order."
    )
    submission: UUID | None = Field(
        None,
        description="Your own UUID. The same request files no second claim; another is a 409.",
    )


class AnswerIn(Schema):
    message: Text = ""
    uploads: list[UploadToken] = Field([], max_length=50)
    submission: UUID | None = Field(
        None, description="Your own UUID. A request with the same one again adds nothing."
    )


@router.get(
    "/orders",
    auth=Token(Scope.READ_ORDERS),
    response={200: OrdersOut, **REFUSALS},
    summary="My orders, newest first, with what the return policy says of each",
)
def list_orders(request: HttpRequest, page: PageNumber = 1) -> OrdersOut:
    now = timezone.now()
    found = _page(queries.orders_with_claims(access.orders_of(_owner(request))), page)
    orders = [order_out(order, queries.newest_of(order), now=now) for order in found]
    return OrdersOut(orders=orders, page=found.number, pages=found.paginator.num_pages)


@router.get(
    "/orders/{order_id}",
    auth=Token(Scope.READ_ORDERS),
    response={200: OrderAndFilesOut, **REFUSALS},
    summary="One order, with the files that wait for a claim on it",
)
def show_order(request: HttpRequest, order_id: OrderId) -> OrderAndFilesOut:
    owner = _owner(request)
    order = access.order_for(owner, order_id)
    shown = order_out(order, queries.newest_claim(order), now=timezone.now())
    waiting = uploads_out(access.unused_uploads(owner, order))
    return OrderAndFilesOut(**shown.dict(), uploads=waiting)


@router.post(
    "/orders/{order_id}/claims",
    auth=Token(Scope.WRITE_CLAIMS),
    response={201: WholeClaimOut, 200: WholeClaimOut, **REFUSALS},
    summary="File a claim; 200 when this submission has filed it before",
)
def file_claim(request: HttpRequest, order_id: OrderId, sent: ClaimIn) -> Status[WholeClaimOut]:
    owner = _owner(request)
    order = access.order_for(owner, order_id)
    submission = sent.submission or uuid4()
    before = access.claim_by_submission(owner, order, submission)
    claim = filing.file_claim(
        order_id=order.pk,
        by=owner,
        kind=sent.kind,
        reason=sent.reason,
        customer_two_factor=sent.two_factor,
        terms_accepted=sent.accepts_terms,
        uploads=sent.uploads,
        submission=submission,
        now=timezone.now(),
    )
    return Status(200 if before else 201, _whole(owner, claim.code))


@router.get(
    "/claims",
    auth=Token(Scope.READ_CLAIMS),
    response={200: ClaimsOut, **REFUSALS},
    summary="My claims, newest first",
)
def list_claims(request: HttpRequest, page: PageNumber = 1) -> ClaimsOut:
    found = _page(queries.claims_with_orders(access.claims_of(_owner(request))), page)
    claims = [claim_out(claim) for claim in found]
    return ClaimsOut(claims=claims, page=found.number, pages=found.paginator.num_pages)


@router.get(
    "/claims/{code}",
    auth=Token(Scope.READ_CLAIMS),
    response={200: WholeClaimOut, **REFUSALS},
    summary="One claim, with its evidence, its story and its decision",
)
def show_claim(request: HttpRequest, code: Code) -> WholeClaimOut:
    return _whole(_owner(request), code)


@router.post(
    "/claims/{code}/evidence",
    auth=Token(Scope.WRITE_CLAIMS),
    response={200: WholeClaimOut, **REFUSALS},
    summary="Answer, or add files to an open claim",
)
def add_evidence(request: HttpRequest, code: Code, sent: AnswerIn) -> WholeClaimOut:
    owner = _owner(request)
    evidence.add_evidence(
        claim_id=access.claim_for(owner, code).pk,
        by=owner,
        uploads=sent.uploads,
        message=sent.message,
        submission=sent.submission or uuid4(),
        now=timezone.now(),
    )
    return _whole(owner, code)


@router.post(
    "/claims/{code}/withdraw",
    auth=Token(Scope.WRITE_CLAIMS),
    response={200: WholeClaimOut, **REFUSALS},
    summary="Withdraw an open claim; again, it changes nothing",
)
def withdraw_claim(request: HttpRequest, code: Code) -> WholeClaimOut:
    owner = _owner(request)
    claim = access.claim_for(owner, code)
    withdrawal.withdraw_claim(claim_id=claim.pk, by=owner, now=timezone.now())
    return _whole(owner, code)


@router.get(
    "/credit",
    auth=Token(Scope.READ_CREDIT),
    response={200: CreditOut, **REFUSALS},
    summary="My balances, and what came and went, newest first",
)
def show_credit(request: HttpRequest, page: PageNumber = 1) -> CreditOut:
    owner = _owner(request)
    accounts = access.accounts_of(owner)
    found = _page(queries.transfers_of(accounts), page)
    return CreditOut(
        balances=balances_out(queries.balances_of(accounts)),
        transfers=transfers_out(list(found), owner_id=owner.pk),
        page=found.number,
        pages=found.paginator.num_pages,
    )


def _owner(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise TypeError("The operation needs auth=Token(…).")
    return request.user


def _whole(owner: User, code: str) -> WholeClaimOut:
    return whole_claim_out(access.claim_for(owner, code))


def _page(rows: QuerySet[Any], number: int) -> Page[Any]:
    """Return this page of the rows, or the last page for a greater number."""
    return Paginator(rows, PAGE_SIZE).get_page(number)
