"""The loading of the demo, by the actions that the portal and the desk use, with past times."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction

from accounts.models import User
from claims import queries
from claims.actions.customer import evidence, filing, withdrawal
from claims.actions.orders import automatic_returns, late_sms
from claims.actions.orders.intake import receive_orders
from claims.actions.review import conversation, decisions, leases, offers, repairs
from claims.actions.uploads import inspection, pieces, retention
from claims.actions.uploads.intake import Received, receive_upload
from claims.inspection import SNIFF_BYTES, sniff
from claims.models import Claim, Order, Upload
from claims.policy import Outcome
from claims.queries.orders.due_returns import CANCELLATION_RESTS
from config.demo.files import About, Sent, make_file, wanted
from config.demo.orders import (
    DAY,
    HALF_SENT,
    HOUR,
    MINUTE,
    PURCHASES_OF_ANN,
    RETURNED_THEN_SMS,
    TOPPED_UP,
    reports,
)
from config.demo.people import (
    ADMIN,
    CUSTOMERS,
    MAX,
    STAFF,
    SUE,
    add_person,
)
from config.demo.queue import Case, End, cases
from config.demo.replies import add_replies

Say = Callable[[str], None]

CLEARED_AWAY: Final = 19 * DAY
"""The age of the last removal of old claims' files."""


def is_loaded() -> bool:
    """Return True if the demo is complete: its last step, the admin's account, is there."""
    return User.objects.filter(email=ADMIN.email).exists()


def load(*, now: datetime, say: Say) -> None:
    """Make the demo. After an interrupted run, make only the missing parts."""
    say("Demo: people and orders …")
    for person in (*CUSTOMERS, *STAFF):
        add_person(person, joined_at=now - TOPPED_UP)
    add_replies()
    queue = cases()
    purchases = [*PURCHASES_OF_ANN, *(case.purchase for case in queue)]
    for report in reports(purchases, now=now):
        receive_orders(reports=[report], now=report.updated_at)
        _return_cancelled(report.order_id, now=report.updated_at + CANCELLATION_RESTS)
    _report_late_sms(now=now)
    for turn, case in enumerate(queue, start=1):
        if turn % 10 == 0:
            say(f"Demo: {turn} of {len(queue)} claims …")
        _play(case, by=_reviewer(turn))
    _clear_away(now=now)
    _send_half(now=now)
    add_person(ADMIN, joined_at=now)


def _reviewer(turn: int) -> User:
    return User.objects.get(email=MAX if turn % 4 == 0 else SUE)


@transaction.atomic
def _return_cancelled(shop_id: str, *, now: datetime) -> None:
    """Return the price of an order that the shop cancelled, as the sweep does a minute later."""
    due = queries.due_for_return(now=now).filter(shop_id=shop_id, cancelled_at__isnull=False)
    automatic_returns.cancel_orders(list(due), now=now, by=None)


def _report_late_sms(*, now: datetime) -> None:
    order = Order.objects.get(shop_id=RETURNED_THEN_SMS)
    received = order.purchased_at + HOUR
    late_sms.report_sms(order_id=order.pk, received_at=received, now=received + MINUTE)


def _play(case: Case, *, by: User) -> None:
    """File the claim of a case and take it to its end, unless the order has a claim."""
    orders = Order.objects.select_related("number", "customer")
    order = orders.get(shop_id=case.purchase.shop_id)
    if order.claims.exists():
        return
    filed_at = order.purchased_at + case.filed_after
    uploads = [
        _send(_make_file(named, order), order, at=filed_at - 2 * MINUTE) for named in case.files
    ]
    claim = _file(case, order, uploads, at=filed_at)
    if case.end is not End.UNCHECKED:
        for upload in uploads:
            inspection.inspect_upload(
                upload_id=upload.pk, clock=lambda: filed_at + timedelta(seconds=20)
            )
    _ENDS.get(case.end, _leave_open)(case, claim, by)


def _make_file(named: str, order: Order) -> Sent:
    file = wanted(named)
    orders = Order.objects.select_related("number")
    shown = orders.get(shop_id=f"NUM-{file.order}") if file.order else order
    phone = shown.number.formatted if shown.number else ""
    return make_file(file, About(phone=phone, code=shown.proof_code, bought_at=order.purchased_at))


def _send(sent: Sent, order: Order, *, at: datetime) -> Upload:
    found = sniff(sent.content[:SNIFF_BYTES])
    if found is None:
        raise ValueError(f"{sent.name} is no picture and no video.")
    return receive_upload(
        order=order,
        by=order.customer,
        received=Received(
            file=ContentFile(sent.content),
            name=sent.name,
            kind=found.evidence_kind,
            size=len(sent.content),
            sha256=hashlib.sha256(sent.content).hexdigest(),
        ),
        now=at,
    )


def _file(case: Case, order: Order, uploads: list[Upload], *, at: datetime) -> Claim:
    return filing.file_claim(
        order_id=order.pk,
        by=order.customer,
        kind=case.kind,
        reason=case.reason,
        customer_two_factor=case.purchase.two_factor,
        terms_accepted=True,
        uploads=[upload.token for upload in uploads],
        submission=uuid5(NAMESPACE_URL, f"demo:{order.shop_id}"),
        now=at,
    )


def _clear_away(*, now: datetime) -> None:
    retention.remove_old_evidence(
        now=now - CLEARED_AWAY, days=settings.EVIDENCE_RETENTION_DAYS, limit=10
    )


def _send_half(*, now: datetime) -> None:
    """Send half of a recording, as after a lost connection, so that the form offers to resume."""
    order = Order.objects.select_related("number", "customer").get(shop_id=HALF_SENT)
    if order.uploads.exists():
        return
    sent = _make_file("whatsapp-pin+typed.mp4", order)
    half = sent.content[: len(sent.content) // 2]
    upload = pieces.begin_upload(
        order=order, by=order.customer, name=sent.name, size=len(sent.content), now=now - HOUR
    )
    piece = pieces.SentPiece(
        file=ContentFile(half), offset=0, size=len(half), sha256=hashlib.sha256(half).hexdigest()
    )
    pieces.keep_piece(upload=upload, by=order.customer, sent=piece, now=now - HOUR + MINUTE)


def _leave_open(case: Case, claim: Claim, by: User) -> None:
    """Leave the claim as it is."""


def _ask(case: Case, claim: Claim, by: User) -> None:
    conversation.ask_for_evidence(**_before(case, claim, by), note=case.note)


def _ask_and_answer(case: Case, claim: Claim, by: User) -> None:
    _ask(case, claim, by)
    evidence.add_evidence(
        claim_id=claim.pk, by=claim.order.customer, uploads=[], message=case.answer,
        submission=uuid5(NAMESPACE_URL, f"demo:{claim.code}:answer"),
        now=claim.filed_at + 2 * case.decided_after,
    )  # fmt: skip


def _start_repair(case: Case, claim: Claim, by: User) -> None:
    repairs.start_repair(**_before(case, claim, by), note=case.note)


def _repair(case: Case, claim: Claim, by: User) -> None:
    repairs.start_repair(**_before(case, claim, by), note="")
    repairs.mark_repaired(**_before(case, claim, by, later=DAY), note=case.note)


def _offer(case: Case, claim: Claim, by: User) -> None:
    answers = _all_met(claim)
    offers.offer_replacement(**_before(case, claim, by), note=case.note, answers=answers)


def _approve(case: Case, claim: Claim, by: User) -> None:
    decisions.approve(**_before(case, claim, by), note=case.note, answers=_all_met(claim))


def _reject(case: Case, claim: Claim, by: User) -> None:
    decisions.reject(**_before(case, claim, by), answers={}, clause=case.clause, note=case.note)


def _withdraw(case: Case, claim: Claim, by: User) -> None:
    withdrawal.withdraw_claim(claim_id=claim.pk, by=claim.order.customer, now=claim.filed_at + HOUR)


_ENDS: Final[Mapping[End, Callable[[Case, Claim, User], None]]] = {
    End.ASKED: _ask,
    End.ANSWERED: _ask_and_answer,
    End.REPAIRING: _start_repair,
    End.REPAIRED: _repair,
    End.OFFERED: _offer,
    End.REFUNDED: _approve,
    End.REJECTED: _reject,
    End.WITHDRAWN: _withdraw,
}


def _all_met(claim: Claim) -> dict[str, str]:
    """Return the answer "met" to each question that the policy leaves to a reviewer."""
    return {each.clause.value: Outcome.MET.value for each in claim.assess().for_reviewer}


def _before(
    case: Case, claim: Claim, by: User, *, later: timedelta = timedelta(0)
) -> dict[str, Any]:
    """Take the claim's lease for a reviewer; return the arguments that all their actions share."""
    at = claim.filed_at + case.decided_after + later
    leases.take(claim_id=claim.pk, by=by, now=at)
    seen = claim.events.latest("pk").pk
    return {"claim_id": claim.pk, "by": by, "seen": seen, "now": at}
