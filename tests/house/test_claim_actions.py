"""The table of actions, the review page, the bulk form, the portal, the API and the actions agree.

For each status, each action is offered where the table says so, and succeeds where it is offered.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from claims import queries
from claims.actions.customer import appeals, withdrawal
from claims.actions.review import bulk, repairs
from claims.admin.review.available_actions import BARRED, BUTTONS, REOPEN
from claims.admin.review.submissions import SUBMISSIONS
from claims.models import ApprovalLimit, Claim, CustomerFlag, Order
from claims.queries.core.claim_actions import (
    BY_NAME,
    CLAIM_ACTIONS,
    STAFF_ACTIONS,
    ActionName,
    Exclusion,
    action_of,
)
from tests import reviewing
from tests.claims.actions.review import replacement_requests
from tests.claims.admin.deciding import press
from tests.claims.api.asking import Program
from tests.makers import ANSWERS, make_claim, make_lease, make_order, newest_event

Status = Claim.Status
NAMES = {action.name.value for action in STAFF_ACTIONS}
TYPED = {
    "note": "A word.",
    "internal": "A word.",
    "why": "A word.",
    "clause": "third-party",
    "amount": "1.00",
    "service": "telegram",
    "channel": "web",
    "flag_reason": "A word.",
    "wrong_reason": "A word.",
}


def words(claim: Claim, by: User) -> dict[str, Any]:
    make_lease(claim, by)
    seen = newest_event(claim)
    return {"claim_id": claim.pk, "by": by, "seen": seen, "note": "A word.", "now": timezone.now()}


def offered(claim: Claim, sue: User) -> None:
    replacement_requests.offer(claim, sue, now=timezone.now())


def waiting(claim: Claim, sue: User) -> None:
    reviewing.ask_for_evidence(**words(claim, sue))


def repairing(claim: Claim, sue: User) -> None:
    repairs.start_repair(**words(claim, sue))


def repaired(claim: Claim, sue: User) -> None:
    repairing(claim, sue)
    repairs.mark_repaired(**words(claim, sue))


def rejected(claim: Claim, sue: User) -> None:
    reviewing.reject(**words(claim, sue), answers={}, clause="third-party")


def refunded(claim: Claim, sue: User) -> None:
    reviewing.approve(**words(claim, sue), answers=ANSWERS)


def replaced(claim: Claim, sue: User) -> None:
    replacement_requests.tell(
        replacement_requests.provided(replacement_requests.request(claim, sue))
    )


def withdrawn(claim: Claim, sue: User) -> None:
    withdrawal.withdraw_claim(claim_id=claim.pk, by=claim.order.customer, now=timezone.now())


WAYS: dict[str, Callable[[Claim, User], None]] = {
    Status.SUBMITTED: lambda claim, sue: None,
    Status.WAITING_CUSTOMER: waiting,
    Status.REPAIRING: repairing,
    Status.OFFERED: offered,
    Status.REFUNDED: refunded,
    Status.REPLACED: replaced,
    Status.REPAIRED: repaired,
    Status.REJECTED: rejected,
    Status.WITHDRAWN: withdrawn,
}


def brought_to(status: str, claim: Claim, sue: User) -> Claim:
    WAYS[status](claim, sue)
    claim.refresh_from_db()
    assert claim.status == status
    return claim


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def flag_of(claim: Claim) -> CustomerFlag:
    """Return a flag of the claim's customer, which can be lifted."""
    customer = claim.order.customer
    flag = CustomerFlag.objects.filter(customer=customer).first()
    return flag or CustomerFlag.objects.create(
        customer=customer, claim=claim, reason="A word.", by=customer, made_at=timezone.now()
    )


def shown(claim: Claim, viewer: User) -> set[str]:
    """Return the actions that the review page lets this person press."""
    flag_of(claim)
    reviewing.take(claim.pk, by=viewer, now=timezone.now())
    address = reverse("admin:claims_claim_review", args=[claim.pk])
    page = signed_in(viewer).get(address).content.decode()
    buttons = re.findall(r'formaction="/admin/claims/claim/\d+/([a-z-]+)/"([^>]*)>', page)
    return {name for name, rest in buttons if "disabled" not in rest} & NAMES


def accepted(claim: Claim, viewer: User) -> set[str]:
    """Return the actions that succeed when this person sends their form from the same state."""
    client = signed_in(viewer)
    done = set()
    for name in NAMES:
        before = transaction.savepoint()
        flag = str(flag_of(claim).pk)
        answer = press(client, name, claim, **TYPED, assignee=str(viewer.pk), flag=flag)
        if answer.status_code == 302:
            done.add(name)
        else:
            assert answer.status_code in {403, 409, 422}
        transaction.savepoint_rollback(before)
    return done


def in_table(claim: Claim, *, but: frozenset[Exclusion] = frozenset()) -> set[str]:
    return {
        action.name.value
        for action in STAFF_ACTIONS
        if action.fits(claim) and not but & set(action.may_not)
    }


def test_each_action_has_one_row_and_staff_actions_have_a_function():
    assert set(BY_NAME) == set(ActionName)
    assert len(CLAIM_ACTIONS) == len(BY_NAME)
    assert set(SUBMISSIONS) == {action.name for action in STAFF_ACTIONS}
    assert set(WAYS) == {*Status}


def test_each_exclusion_has_words_and_each_button_a_row():
    forms = {
        ActionName.CORRECT,
        ActionName.NOTE,
        ActionName.ASSIGN,
        ActionName.FLAG,
        ActionName.LIFT_FLAG,
        ActionName.MARK_WRONGLY_PAID,
    }
    assert set(BARRED) == set(Exclusion)
    assert {*BUTTONS, REOPEN.action.name} == set(SUBMISSIONS) - forms


@pytest.mark.patient
@pytest.mark.parametrize("status", WAYS)
@pytest.mark.parametrize("kind", ["major_defect", "sms_not_received"])
def test_what_the_page_offers_is_what_the_action_accepts(kind, status, ann, sue, max_):
    of_defects = {Status.REPAIRING, Status.OFFERED, Status.REPLACED, Status.REPAIRED}
    if kind != "major_defect" and status in of_defects:
        return
    order = make_order(ann, sms=kind == "major_defect")
    claim = brought_to(status, make_claim(order, kind=kind), sue)

    assert shown(claim, max_) == accepted(claim, max_) == in_table(claim)


@pytest.mark.patient
@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.REPAIRING, Status.REJECTED])
def test_support_is_offered_what_it_is_permitted(status, ann, sue, max_):
    claim = brought_to(status, replacement_requests.make_defect(ann), max_)
    permitted = {action.name.value for action in STAFF_ACTIONS if action.is_permitted(sue)}

    assert shown(claim, sue) == accepted(claim, sue) == in_table(claim) & permitted


def own(ann, sue, max_):
    return make_claim(make_order(max_, sms=True), kind="major_defect")


def own_and_rejected(ann, sue, max_):
    return brought_to(Status.REJECTED, own(ann, sue, max_), sue)


def judged(ann, sue, max_):
    claim = brought_to(Status.REJECTED, replacement_requests.make_defect(ann), max_)
    appeals.appeal(
        claim_id=claim.pk, by=ann, uploads=[], submission=uuid4(), now=timezone.now(),
        message="Their log shows that it was never delivered.",
    )  # fmt: skip
    claim.refresh_from_db()
    return claim


def judged_and_in_repair(ann, sue, max_):
    return brought_to(Status.REPAIRING, judged(ann, sue, max_), sue)


def requested(ann, sue, max_):
    claim = replacement_requests.make_defect(ann)
    replacement_requests.request(claim, sue, now=timezone.now())
    return claim


def approved_first(ann, sue, max_):
    ApprovalLimit.objects.create(currency="EUR", amount=1)
    claim = replacement_requests.make_defect(ann)
    reviewing.approve(**words(claim, max_), answers=ANSWERS)
    claim.refresh_from_db()
    return claim


@pytest.mark.patient
@pytest.mark.parametrize(
    ("made", "exclusion"),
    [
        (judged, Exclusion.JUDGED_BEFORE),
        (judged_and_in_repair, Exclusion.JUDGED_BEFORE),
        (requested, Exclusion.REPLACEMENT_REQUESTED),
        (approved_first, Exclusion.FIRST_OF_TWO),
    ],
)
def test_who_may_not_is_offered_and_does_nothing_of_it(made, exclusion, ann, sue, max_):
    claim = made(ann, sue, max_)

    expected = in_table(claim, but=frozenset({exclusion}))
    assert shown(claim, max_) == accepted(claim, max_) == expected
    assert expected < in_table(claim)


@pytest.mark.patient
@pytest.mark.parametrize(("made", "given_away"), [(own, {"assign"}), (own_and_rejected, set())])
def test_nobody_acts_on_a_claim_of_their_own(made, given_away, ann, sue, max_):
    claim = made(ann, sue, max_)

    assert shown(claim, max_) == set()
    assert accepted(claim, max_) == in_table(claim, but=frozenset({Exclusion.OWN_CLAIM}))
    assert accepted(claim, max_) == given_away


def test_a_replacement_is_replaced_by_supervisors_alone(ann, sue, max_):
    replacement_requests.tell(
        replacement_requests.provided(
            asked := replacement_requests.request(replacement_requests.make_defect(ann), sue)
        )
    )
    order = Order.objects.get(replaces=asked.claim.order)
    Order.objects.filter(pk=order.pk).update(
        activation="sms_received", sms_received_at=order.purchased_at
    )
    order.refresh_from_db()
    claim = make_claim(order, kind="major_defect")

    assert "offer" not in shown(claim, sue) | accepted(claim, sue)
    claim.lease.delete()
    assert "offer" in shown(claim, max_) & accepted(claim, max_)


@pytest.mark.patient
@pytest.mark.parametrize("status", WAYS)
@pytest.mark.parametrize("step", bulk.BulkAction)
def test_the_bulk_form_foresees_and_does_what_the_table_says(step, status, ann, sue, max_):
    claim = brought_to(status, replacement_requests.make_defect(ann), sue)
    wanted = bulk.BulkRequest(step=step, to=max_, note="A word.", clause="third-party")
    seen = {claim.pk: newest_event(claim)}
    claims = queries.with_their_state(Claim.objects.filter(pk=claim.pk))
    said = {"wanted": wanted, "by": max_}

    (foreseen,) = bulk.foresee(claims, seen=seen, now=timezone.now(), **said)
    (result,) = bulk.carry_out(picked=seen, clock=timezone.now, **said)

    expected = action_of(ActionName(step)).fits(claim)
    assert (not foreseen.left) == (not result.left) == expected


@pytest.mark.patient
@pytest.mark.parametrize("status", WAYS)
def test_the_portal_and_the_api_do_what_the_table_says(status, ann, sue):
    claim = brought_to(status, replacement_requests.make_defect(ann), sue)
    client, program = signed_in(ann), Program(ann)
    page = client.get(claim.get_absolute_url()).content.decode()

    for name, path, body in (
        (ActionName.ADD_EVIDENCE, "evidence", {"message": "A word."}),
        (ActionName.WITHDRAW, "withdraw", {}),
    ):
        fits = action_of(name).fits(claim)
        assert (f'action="{claim.get_absolute_url()}{path}/"' in page) == fits
        # A second withdrawal changes nothing, and isn't an error.
        again = name == ActionName.WITHDRAW and status == Status.WITHDRAWN
        before = transaction.savepoint()
        answer = program.post(f"/claims/{claim.code}/{path}", body)
        assert (answer.status_code == 200) == (fits or again)
        transaction.savepoint_rollback(before)
    for name, path in (
        (ActionName.APPEAL, "appeal"),
        (ActionName.OBJECT, "objection"),
        (ActionName.CHOOSE, "choice"),
    ):
        fits = action_of(name).fits(claim)
        assert (f'action="{claim.get_absolute_url()}{path}/"' in page) == fits
