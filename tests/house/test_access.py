"""Every URL of the portal, opened in every role.

The URLs come from the URLconf itself: one without a row in `EXPECTED` fails the test. Objects are
ann's; bob is another customer; sue, max, rita and otto are of the staff groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import CustomerMerge, User
from accounts.sign_in_links import make_link
from accounts.tokens import make_token
from claims import storage
from claims.actions.notices.merge_links import MergeLink, address_of
from claims.actions.uploads import inspection
from claims.inspection import InspectionReport
from claims.models import (
    Approval,
    ApprovalLimit,
    CannedReply,
    Claim,
    Decision,
    Note,
    Notice,
    Order,
    SavedFilter,
    Upload,
)
from tests import reviewing
from tests.house.access_table import (
    EXPECTED,
    OF_BROWSERS,
    OF_ONE,
    OUTCOMES,
    OWNER,
    POST_ONLY,
    PROGRAMS,
    RESUMABLE,
    ROLES,
    SUPERVISOR,
    TUS,
    WITHOUT_OBJECT,
    all_names,
    expected,
)
from tests.makers import (
    ANSWERS,
    make_acknowledgement,
    make_claim,
    make_incident,
    make_lease,
    make_merge,
    make_offer,
    make_order,
    make_replacement,
    make_shop_event,
    make_snapshot,
    make_upload,
    make_user,
    make_webhook,
    newest_event,
)


def outcome(client: Client, name: str, address: str) -> str:
    send = client.post if name in POST_ONLY else client.get
    if name in {"portal:upload", "api_upload"}:
        send = client.head
    response = send(address, follow=True, headers=TUS if name in RESUMABLE else None)
    speaks_to_programs = name in RESUMABLE or expected(name) is PROGRAMS
    if speaks_to_programs and response.status_code == 401:
        return "sign-in"
    if any(target.startswith("/account/login/?next=") for target, _ in response.redirect_chain):
        return "sign-in"
    refusals = {403: "forbidden", 404: "missing"}
    assert response.status_code < 500
    return refusals.get(response.status_code, "open")


@pytest.fixture
def claim(ann, sue) -> Claim:
    """Return an open claim with an accepted picture."""
    order = make_order(ann, sms=True)
    claim = make_claim(order, kind="invalid_number", proofs=("screenshot",), state="waiting")
    name = storage.store().save("aa/aa.webp", ContentFile(b"webp"))
    upload = Upload.objects.get()
    report = InspectionReport(ok=True, sha256=upload.sha256, size=upload.size)
    stored = inspection.Stored(
        role="picture", name=name, media_type="image/webp", width=4, height=4, size=4,
        sha256="0" * 64,
    )  # fmt: skip
    inspection.finish_inspection(
        upload_id=upload.pk, report=report, stored=[stored], now=timezone.now()
    )
    return claim


OF_A_CLAIM = {
    "portal:claim",
    "portal:read_claim",
    "portal:withdraw_claim",
    "portal:add_evidence",
    "portal:appeal",
    "portal:object",
    "portal:choose",
    "api:show_claim",
    "api:add_evidence",
    "api:withdraw_claim",
}

OF_A_LINK = {"portal:merge", "sign_in_link"}

OF_AN_ORDER = {
    "portal:file_claim",
    "portal:cancel_and_return",
    "portal:create_upload",
    "api:show_order",
    "api:file_claim",
    "api_create_upload",
}


def arguments(name: str, claim: Claim, sue: User) -> Sequence[object]:
    if name in OF_AN_ORDER:
        return [make_order(claim.order.customer).shop_id]
    if name in {"portal:rendition", "portal:upload", "api_upload"}:
        token = claim.evidence.get().upload.token
        return [token, "picture"] if name == "portal:rendition" else [token]
    if name in OF_A_CLAIM | OF_A_LINK:
        return [claim.code if name in OF_A_CLAIM else secret_of(name, claim)]
    if name in (POST_ONLY | OF_ONE) - WITHOUT_OBJECT:
        return [object_acted_on(name, claim, sue)]
    if name.startswith("admin:") and name.endswith(("_change", "_delete", "_history")):
        return [object_of(name, claim, by=sue)]
    return {
        "admin:claims_incident_group": ["DE", "whatsapp", "2026-04-01T12"],
        "account_confirm_email": ["abc"],
        "account_reset_password_from_key": ["abc", "def"],
    }.get(name, [])


def merge_of(claim: Claim) -> CustomerMerge:
    return make_merge(claim.order.customer, make_user("cleo@example.com"))


def link_of(merge: CustomerMerge) -> str:
    return address_of(MergeLink(merge.pk, merge.merged_id)).split("/")[-2]


def secret_of(name: str, claim: Claim) -> str:
    if name == "sign_in_link":
        return make_link(email=claim.order.customer.email, now=timezone.now())
    return link_of(merge_of(claim))


def token_of(owner: User) -> int:
    token, _ = make_token(owner=owner, name="Bot", scopes=["orders:read"], now=timezone.now())
    return token.pk


def object_acted_on(name: str, claim: Claim, sue: User) -> int:
    if name == "revoke_api_token":
        return token_of(claim.order.customer)
    if name.endswith("_delete_filter"):
        return SavedFilter.objects.create(owner=sue, name="Mine", query="tab=mine").pk
    if "customermerge" in name:
        return merge_of(claim).pk
    return make_incident(sue).pk if "incident" in name else claim.pk


def object_of(name: str, claim: Claim, *, by: User) -> object:
    """Return the primary key of one of ann's objects for the admin page."""
    order = claim.order
    account = order.customer.credit_accounts.get()
    decision = reviewing.approve(
        claim_id=claim.pk,
        by=by,
        seen=newest_event(claim),
        answers=ANSWERS,
        note="",
        now=timezone.now(),
    )
    found: dict[str, object] = {
        "claims_claim": claim.pk,
        "claims_order": order.pk,
        "claims_number": order.number_id,
        "claims_service": "telegram",
        "claims_policyversion": order.policy_version_id,
        "claims_event": claim.events.latest("pk").pk,
        "claims_decision": decision.pk,
        "claims_incident": make_incident(by).pk,
        "claims_approval": _approval(claim, by).pk,
        "claims_approvallimit": ApprovalLimit.objects.create(currency="USD", amount=9).pk,
        "claims_cannedreply": CannedReply.objects.create(name="A video", body="Please.").pk,
        "claims_offer": (offer := make_offer(claim, by)).pk,
        "claims_replacement": make_replacement(offer).pk,
        "claims_notice": Notice.objects.latest("pk").pk,
        "claims_lease": make_lease(make_claim(make_order(order.customer)), by).pk,
        "claims_shopevent": make_shop_event().pk,
        "claims_webhook": make_webhook(order).pk,
        "claims_acknowledgement": make_acknowledgement(make_order(order.customer)).pk,
        "claims_note": Note.objects.create(
            claim=claim, author=by, body="Look twice.", written_at=timezone.now()
        ).pk,
        "accounts_user": order.customer_id,
        "accounts_customermerge": merge_of(claim).pk,
        "accounts_balancesnapshot": make_snapshot(account).pk,
        "accounts_creditaccount": account.pk,
        "accounts_credittransfer": account.credits.latest("pk").pk,
        "auth_group": 1,
        "procrastinate_procrastinatejob": ProcrastinateJob.objects.latest("pk").pk,
    }
    return found[name.removeprefix("admin:").rpartition("_")[0]]


def _approval(claim: Claim, by: User) -> Approval:
    return Approval.objects.create(
        claim=claim, outcome="refund", amount=1, currency="EUR", by=by, made_at=timezone.now()
    )


@pytest.mark.patient
@pytest.mark.parametrize("name", all_names())
def test_everyone_sees_what_is_theirs_to_see(name, claim, sue, request):
    address = reverse(name, args=arguments(name, claim, sue))
    told = {}
    for role in ROLES:
        client = Client()
        if role != "anonymous":
            client.force_login(request.getfixturevalue(role))
        told[role] = outcome(client, name, address)

    assert told == expected(name)


@pytest.mark.patient
@pytest.mark.parametrize("name", sorted(OF_BROWSERS))
def test_what_writes_takes_a_post_alone(name, claim, ann, sue):
    client = Client()
    client.force_login(ann if name.startswith("portal:") else sue)

    response = client.get(reverse(name, args=arguments(name, claim, sue)))

    claim.refresh_from_db()
    assert response.status_code in {302, 405}
    assert claim.status == Claim.Status.SUBMITTED
    assert not Decision.objects.exists()


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_what_writes_by_other_methods_wants_the_token_too(method, claim, ann):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ann)
    address = reverse("portal:upload", args=[make_upload(claim.order).token])

    response = getattr(client, method)(address, headers=TUS)

    assert response.status_code == 403
    assert not Upload.objects.filter(state=Upload.State.REMOVED).exists()


@pytest.mark.patient
@pytest.mark.parametrize("name", sorted(OF_BROWSERS))
def test_what_writes_wants_the_token_of_its_form(name, claim, ann, sue):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ann if name.startswith("portal:") else sue)

    response = client.post(reverse(name, args=arguments(name, claim, sue)))

    claim.refresh_from_db()
    assert response.status_code == 403
    assert claim.status == Claim.Status.SUBMITTED
    assert not Order.objects.filter(returned_at__isnull=False).exists()


def test_no_row_of_the_table_is_left_over():
    known = all_names()

    assert set(SUPERVISOR.values()) | set(OWNER.values()) == OUTCOMES
    for pattern in EXPECTED:
        assert any(fnmatchcase(name, pattern) for name in known), pattern
