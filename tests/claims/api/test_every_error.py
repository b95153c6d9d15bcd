"""Each error below /api/ is `application/problem+json`, whoever answers."""

from __future__ import annotations

import pytest
from django.test import Client

from claims import access
from tests.claims.api.asking import Program, slugs
from tests.claims.api.signed import SECRET, send
from tests.makers import make_order

PREFLIGHT = {
    "origin": "https://evil.example",
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization",
}
LARGE = 2_700_000

pytestmark = pytest.mark.django_db


@pytest.fixture(params=[True, False], ids=["demo", "production"])
def either(request, settings) -> None:
    settings.DEBUG = request.param
    settings.SHOP_WEBHOOK_SECRETS = [SECRET]


@pytest.mark.usefixtures("either")
def test_a_signed_body_of_the_shop_that_is_too_large():
    response = send({"events": ["x" * LARGE]})

    assert response.status_code == 413
    assert slugs(response) == {"too-large"}
    assert "1,048,576 bytes" in response.json()["detail"]


@pytest.mark.usefixtures("either")
@pytest.mark.parametrize("form", ["application/json", "application/x-www-form-urlencoded"])
def test_a_body_of_a_program_that_is_too_large(ann, form):
    order = make_order(ann)
    program = Program(ann)

    response = program.client.post(
        f"/api/v1/orders/{order.shop_id}/claims", '{"reason": "' + "x" * LARGE + '"}',
        content_type=form, headers=program.headers,
    )  # fmt: skip

    assert response.status_code == 413
    assert slugs(response) == {"too-large"}


@pytest.mark.usefixtures("either")
@pytest.mark.parametrize(
    "path",
    ["/api", "/api/", "/api/v1/nothing", "/api/v1/orders/", "/api/v2/orders",
     "/api/v1/uploads/a/b", "/api/v1/orders%0A"],
)  # fmt: skip
def test_an_address_that_does_not_exist(path):
    for method in ("GET", "POST", "DELETE", "OPTIONS"):
        response = Client().generic(method, path)
        assert response.status_code == 404
        assert slugs(response) == {"not-found"}


@pytest.mark.usefixtures("either")
@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/api/v1/orders", "GET"),
        ("PUT", "/api/v1/shop/events", "POST"),
        ("GET", "/api/v1/orders/N-1/claims", "POST"),
        ("OPTIONS", "/api/v1/claims", "GET"),
    ],
)
def test_a_method_that_an_address_does_not_take(method, path, allowed):
    response = Client().generic(method, path)

    assert response.status_code == 405
    assert response["Allow"] == allowed
    assert slugs(response) == {"method"}


@pytest.mark.usefixtures("either")
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/orders", 405),
        ("/api/v1/shop/events", 405),
        ("/api/v1/nothing", 404),
        ("/api/v1/uploads/abc", 403),
        ("/api/v1/orders/N-1/uploads", 403),
    ],
)
def test_a_preflight_is_refused(path, status):
    response = Client().options(path, headers=PREFLIGHT)

    assert response.status_code == status
    assert slugs(response)
    assert not [name for name in response.headers if name.lower().startswith("access-control")]


def test_a_program_still_learns_what_uploads_can_do():
    response = Client().options("/api/v1/uploads/abc")

    assert response.status_code == 204
    assert response["Tus-Version"] == "1.0.0"


@pytest.mark.usefixtures("either")
def test_a_refused_upload_has_both_forms(ann):
    program = Program(ann)
    headers = program.headers | {"Tus-Resumable": "1.0.0"}

    missing = program.client.head("/api/v1/uploads/abc", headers=headers)
    told = program.client.delete("/api/v1/uploads/abc", headers=headers)
    method = program.client.put("/api/v1/uploads/abc", headers=headers)

    assert (missing.status_code, told.status_code, method.status_code) == (404, 404, 405)
    assert slugs(told) == {"not-found"}
    assert "Send the file again" in told.json()["detail"]
    assert method["Allow"] == "OPTIONS, HEAD, PATCH, DELETE"
    assert "takes OPTIONS, HEAD" in method.json()["detail"]
    assert told["Tus-Resumable"] == method["Tus-Resumable"] == "1.0.0"


@pytest.mark.usefixtures("either")
def test_a_fault_of_ours_shows_no_traceback(ann, monkeypatch):
    def fail(user):
        raise RuntimeError("a secret")

    monkeypatch.setattr(access, "orders_of", fail)
    program = Program(ann)
    program.client.raise_request_exception = False

    response = program.get("/orders")

    assert response.status_code == 500
    assert slugs(response) == {"failed"}
    assert "secret" not in response.content.decode()


def test_the_answers_of_operations_stay_as_they_are(settings):
    settings.SHOP_WEBHOOK_SECRETS = [SECRET]
    response = send('{"type": "order.created"}')

    assert response.status_code == 422
    assert response["Content-Type"] == "application/json"
    assert response.json()["state"] == "refused"


def test_pages_elsewhere_stay_pages(client):
    assert client.get("/apis/")["Content-Type"] == "text/html; charset=utf-8"
    assert "json" not in client.get("/nothing/")["Content-Type"]
