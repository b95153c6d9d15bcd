"""The published OpenAPI is true: schemathesis finds no answer that it doesn't describe."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, settings

from accounts.models import ApiToken
from claims.api import tokens
from tests.claims.api.signed import SECRET
from tests.makers import make_claim, make_order

pytestmark = pytest.mark.django_db
SCHEMA = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())


TOKEN = "esimpy_known-before-the-tests-begin"


@SCHEMA.auth()
class SignedIn:
    """The sign-in, which schemathesis leaves out to check that the API refuses the request."""

    def get(self, case: Any, context: Any) -> str:
        return TOKEN

    def set(self, case: Any, data: str, context: Any) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Keep the connection, as Django's test client does: the test's transaction is on it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def program(one_connection, ann, settings, monkeypatch) -> None:
    """Make an order, a claim and a token, and raise the limits that a test would reach."""
    settings.SHOP_WEBHOOK_SECRETS = [SECRET]
    for limit in ("MOST_READS", "MOST_WRITES"):
        monkeypatch.setattr(tokens, limit, 1_000_000)
    make_order(ann, shop_id="N-1", sms=True)
    make_claim(make_order(ann))
    ApiToken.objects.create(
        owner=ann,
        name="schemathesis",
        beginning=TOKEN[:11],
        digest=hashlib.sha256(TOKEN.encode()).hexdigest(),
        scopes=ApiToken.Scope.values,
        made_at=timezone.now(),
    )


@SCHEMA.parametrize()
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@pytest.mark.usefixtures("program")
def test_the_api_does_what_its_schema_says(case):
    case.call_and_validate()
