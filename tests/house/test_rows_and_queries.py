"""No page runs a query for each row that it shows."""

from __future__ import annotations

from uuid import uuid4

import pytest
import zeal
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from zeal.constants import initialize_app_registry
from zeal.patch import patch

from claims.actions.customer.evidence import add_evidence
from claims.actions.review import assignment, conversation, notes
from claims.models import Claim
from tests.house.access_table import NOBODY, POST_ONLY, all_names, expected
from tests.house.test_access import arguments
from tests.house.test_access import claim as claim  # a fixture
from tests.makers import make_claim, make_lease, make_order, make_user, newest_event

# Each page is opened by all of these people who may open it.
VISITORS = ["ann", "max_", "otto", "rita"]


@pytest.fixture(scope="session")
def watched() -> None:
    """Set zeal up as an installed app does."""
    initialize_app_registry()
    patch()


@pytest.fixture
def counted(watched: None, settings) -> None:
    settings.ZEAL_RAISE = True
    # A related row that is fetched for two rows is reported.
    settings.ZEAL_NPLUSONE_THRESHOLD = 2
    # Django's own page of a group does that, for its list of permissions.
    settings.ZEAL_ALLOWLIST = [{"model": "auth.Permission", "field": "content_type"}]


@pytest.fixture
def root(db):
    """A superuser."""
    return make_user("root@example.com", is_staff=True, is_superuser=True)


@pytest.fixture
def full(claim: Claim, ann, bob, sue, max_, otto, rita, root) -> None:
    """Make three or more of everything that a page lists."""
    for customer in (ann, ann, bob):
        order = make_order(customer, service="telegram", sms=True)
        other = make_claim(
            order, kind="invalid_number", proofs=("screenshot", "screenshot", "video")
        )
        make_lease(other, sue)
        seen = newest_event(other)
        conversation.reply(claim_id=other.pk, by=sue, seen=seen, note="Hello.", now=timezone.now())
        add_evidence(
            claim_id=other.pk, by=customer, uploads=[], message="Hello, too.",
            submission=uuid4(), now=timezone.now(),
        )  # fmt: skip
        notes.add_note(claim_id=other.pk, by=max_, body="Seen before.", now=timezone.now())
        assignment.assign(claim_ids=[other.pk], to=max_, by=sue, now=timezone.now())


@pytest.mark.patient
def test_no_page_asks_once_for_each_row(claim, full, counted, sue, request):
    found = {}
    for name in all_names():
        if name not in POST_ONLY:
            untouched = transaction.savepoint()
            found[name] = _complaint(name, claim, sue, request)
            transaction.savepoint_rollback(untouched)

    assert len(found) > 50
    assert {name: said for name, said in found.items() if said} == {}


def _complaint(name, claim, sue, request) -> str:
    address = reverse(name, args=arguments(name, claim, sue))
    client = Client()
    client.force_login(_visitor(name, request))
    try:
        with zeal.zeal_context():
            response = client.get(address)
    except zeal.NPlusOneError as error:
        return str(error)
    return "" if response.status_code < 500 else str(response.status_code)


def _visitor(name, request):
    outcomes = expected(name)
    for role in VISITORS:
        if outcomes[role] == "open" and outcomes is not NOBODY:
            return request.getfixturevalue(role)
    return request.getfixturevalue("root")


def test_a_loop_that_asked_once_for_each_row_would_be_found(full, counted):
    claims = list(Claim.objects.all())

    with zeal.zeal_context(), pytest.raises(zeal.NPlusOneError):
        [str(claim.order) for claim in claims]
