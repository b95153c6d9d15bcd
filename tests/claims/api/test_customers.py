"""The API for customers' programs: the same steps as on the pages, by the same rules."""

from __future__ import annotations

import base64
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import ApiToken, RequestCount
from accounts.tokens import revoke_token
from claims.actions.orders import automatic_returns
from claims.api import tokens
from claims.models import Claim, Event, Upload
from tests.claims.api.asking import Program, slugs
from tests.makers import REASON, make_claim, make_order, make_top_up_order, make_upload, top_up
from tests.media import make_screenshot

WORDS = {"kind": "sms_not_received", "reason": REASON, "accepts_terms": True}


@pytest.fixture
def program(ann) -> Program:
    return Program(ann)


def test_orders_say_what_can_be_claimed_and_why_not(program, ann, bob):
    late = make_order(ann, purchased_at=timezone.now() - timedelta(days=9), sms=True)
    order = make_order(ann, sms=True)
    make_order(bob)

    answer = program.get("/orders")
    assert answer["cache-control"] == "no-store"
    found = answer.json()

    assert [each["order_id"] for each in found["orders"]] == [order.shop_id, late.shop_id]
    assert (found["page"], found["pages"]) == (1, 1)
    newest, oldest = found["orders"]
    verdicts = {each["kind"]: each for each in newest["verdicts"]}
    assert verdicts["major_defect"] == {
        "kind": "major_defect", "can_be_filed": True, "failed": [],
    }  # fmt: skip
    assert not any(each["can_be_filed"] for each in oldest["verdicts"])
    assert {f["clause"] for each in oldest["verdicts"] for f in each["failed"]} >= {"claim-window"}
    assert newest["price"] == "2.50"
    assert newest["phone"] == order.number.phone


@pytest.mark.parametrize("count", [1, 12])
def test_the_list_of_orders_asks_the_same_number_of_queries(
    program, ann, django_assert_num_queries, count
):
    for _ in range(count):
        make_claim(make_order(ann))
    program.get("/orders")

    with django_assert_num_queries(5):
        program.get("/orders")


def test_pages_are_fifty_long(program, ann):
    for _ in range(51):
        make_order(ann)

    second = program.get("/orders?page=2").json()

    assert (second["page"], second["pages"], len(second["orders"])) == (2, 2, 1)
    assert program.get("/orders?page=9").json()["page"] == 2
    assert program.get("/orders?page=0").status_code == 422


def test_a_claim_is_filed_followed_and_withdrawn(program, ann):
    order = make_order(ann)

    filed = program.post(f"/orders/{order.shop_id}/claims", WORDS)

    assert filed.status_code == 201
    code = filed.json()["code"]
    claim = Claim.objects.get(code=code)
    assert (claim.order, claim.reason, claim.kind) == (order, REASON, "sms_not_received")
    assert program.get("/claims").json()["claims"][0]["code"] == code
    told = program.get(f"/claims/{code}").json()
    assert (told["status"], [each["kind"] for each in told["story"]]) == ("submitted", ["filed"])
    assert program.get(f"/orders/{order.shop_id}").json()["claim"] == code
    for _ in range(2):
        gone = program.post(f"/claims/{code}/withdraw")
        assert (gone.status_code, gone.json()["status"]) == (200, "withdrawn")
    assert Event.objects.filter(claim=claim, kind="withdrawn").get().actor == ann


def test_a_submission_files_one_claim(program, ann):
    order = make_order(ann)
    words = WORDS | {"submission": str(uuid4())}

    first = program.post(f"/orders/{order.shop_id}/claims", words)
    again = program.post(f"/orders/{order.shop_id}/claims", words)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["code"] == again.json()["code"]


def test_a_submission_with_other_content_is_a_conflict(program, ann):
    order = make_order(ann)
    words = WORDS | {"submission": str(uuid4())}
    program.post(f"/orders/{order.shop_id}/claims", words)

    other = program.post(
        f"/orders/{order.shop_id}/claims", words | {"reason": "Something quite different now."}
    )

    assert (other.status_code, other.json()["type"]) == (409, "about:blank#submission")


@pytest.mark.parametrize(
    ("words", "clauses"),
    [
        ({"reason": "no"}, {"clear-reason"}),
        ({"accepts_terms": False}, {"terms"}),
        ({"kind": "invalid_number"}, {"sms-received", "proof"}),
        ({"reason": "", "accepts_terms": False}, {"clear-reason", "terms"}),
    ],
)
def test_what_the_policy_refuses_is_told_clause_by_clause(program, ann, words, clauses):
    answer = program.post(f"/orders/{make_order(ann).shop_id}/claims", WORDS | words)

    assert answer.status_code == 409
    assert slugs(answer) == clauses
    assert not Claim.objects.exists()


def test_a_top_up_is_refused_by_its_clause(program, ann):
    answer = program.post(f"/orders/{make_top_up_order(ann).shop_id}/claims", WORDS)

    assert "top-up" in slugs(answer)


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        ({}, "sent.kind"),
        (WORDS | {"kind": "x" * 17}, "sent.kind"),
        (WORDS | {"reason": 5}, "sent.reason"),
        (WORDS | {"reason": "a\x00b" * 20}, "sent.reason"),
        (WORDS | {"uploads": ["../etc"]}, "sent.uploads.0"),
        (WORDS | {"submission": "x"}, "sent.submission"),
    ],
)
def test_what_cant_be_read_is_told_by_its_place(program, ann, body, slug):
    answer = program.post(f"/orders/{make_order(ann).shop_id}/claims", body)

    assert answer.status_code == 422
    assert slug in slugs(answer)


def test_what_is_no_json_is_refused(program, ann):
    answer = program.client.post(
        f"/api/v1/orders/{make_order(ann).shop_id}/claims", "{", content_type="application/json",
        headers=program.headers,
    )  # fmt: skip

    assert answer.status_code == 400
    assert slugs(answer) == {"not-json"}


def test_a_picture_is_sent_by_tus_and_becomes_evidence(program, ann, run_jobs):
    order = make_order(ann, sms=True)
    picture = make_screenshot()
    tus = program.headers | {"tus-resumable": "1.0.0"}
    name = base64.b64encode(b"proof.png").decode()

    made = program.client.post(
        f"/api/v1/orders/{order.shop_id}/uploads",
        headers=tus | {"upload-length": str(len(picture)), "upload-metadata": f"filename {name}"},
    )
    assert made.status_code == 201, made.content
    place = made["location"]
    assert place.startswith("/api/v1/uploads/")
    sent = program.client.patch(
        place, picture, content_type="application/offset+octet-stream",
        headers=tus | {"upload-offset": "0"},
    )  # fmt: skip
    assert (sent.status_code, sent["upload-offset"]) == (204, str(len(picture)))
    run_jobs()
    [waiting] = program.get(f"/orders/{order.shop_id}").json()["uploads"]
    assert (waiting["state"], waiting["name"]) == ("accepted", "proof.png")

    filed = program.post(
        f"/orders/{order.shop_id}/claims",
        WORDS | {"kind": "invalid_number", "uploads": [waiting["token"]]},
    )

    assert filed.status_code == 201, filed.content
    assert [each["token"] for each in filed.json()["evidence"]] == [waiting["token"]]


def test_what_the_tus_address_speaks_is_told_to_everybody(client):
    answer = client.options("/api/v1/orders/N-1/uploads")

    assert (answer.status_code, answer["tus-version"]) == (204, "1.0.0")


def test_the_tus_address_knows_only_tokens(ann, client):
    """It ignores a browser's session, so there is no form token to check."""
    client.force_login(ann)
    order = make_order(ann)

    answer = client.post(
        f"/api/v1/orders/{order.shop_id}/uploads",
        headers={"tus-resumable": "1.0.0", "upload-length": "10"},
    )

    assert answer.status_code == 401
    assert not Upload.objects.exists()


def test_files_are_added_to_an_open_claim(program, ann):
    claim = make_claim(make_order(ann))
    upload = make_upload(claim.order, state="accepted")

    answer = program.post(
        f"/claims/{claim.code}/evidence", {"message": "Here it is.", "uploads": [upload.token]}
    )

    assert answer.status_code == 200
    assert answer.json()["evidence"][0]["token"] == upload.token
    assert claim.messages.get().body == "Here it is."


def test_credit_is_told_with_what_caused_it(program, ann):
    top_up(ann, "5.00", currency="USD")
    order = make_order(ann)
    automatic_returns.cancel_and_return(order_id=order.pk, by=ann, now=timezone.now())

    told = program.get("/credit").json()

    assert told["balances"] == [
        {"currency": "EUR", "balance": "2.50", "uncovered": "0"},
        {"currency": "USD", "balance": "5.00", "uncovered": "0"},
    ]
    amounts = {(each["kind"], each["order_id"]): each["amount"] for each in told["transfers"]}
    assert amounts["return", order.shop_id] == "2.50"
    assert amounts["purchase", order.shop_id] == "-2.50"
    assert not any(each["is_pending"] for each in told["transfers"])


PATHS = [
    ("get", "/orders/{order}", 404),
    ("get", "/claims/{claim}", 404),
    ("post", "/orders/{order}/claims", 404),
    ("post", "/claims/{claim}/withdraw", 404),
    ("post", "/claims/{claim}/evidence", 404),
]


@pytest.mark.parametrize(("method", "path", "status"), PATHS)
def test_what_is_somebody_elses_doesnt_exist(program, bob, method, path, status):
    claim = make_claim(make_order(bob))
    place = path.format(order=claim.order.shop_id, claim=claim.code)

    answer = program.get(place) if method == "get" else program.post(place, WORDS)

    assert answer.status_code == status
    assert slugs(answer) == {"not-found"}
    claim.refresh_from_db()
    assert claim.status == "submitted"


SCOPES = {
    ("get", "/orders"): "orders:read",
    ("get", "/orders/x"): "orders:read",
    ("get", "/claims"): "claims:read",
    ("get", "/claims/x"): "claims:read",
    ("post", "/orders/x/claims"): "claims:write",
    ("post", "/orders/x/uploads"): "claims:write",
    ("post", "/uploads/x"): "claims:write",
    ("post", "/claims/x/withdraw"): "claims:write",
    ("post", "/claims/x/evidence"): "claims:write",
    ("get", "/credit"): "credit:read",
}


@pytest.mark.parametrize(("asked", "scope"), SCOPES.items())
def test_a_token_may_what_its_scopes_say(ann, asked, scope):
    method, path = asked
    others = Program(ann, *(each for each in ApiToken.Scope.values if each != scope))
    only = Program(ann, scope)

    refused = others.get(path) if method == "get" else others.post(path, WORDS)
    taken = only.get(path) if method == "get" else only.post(path, WORDS)

    assert refused.status_code == 403
    assert slugs(refused) == {"scope"}
    assert taken.status_code in (200, 404, 405, 412)


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer esimpy_wrong", "Basic YTpi", "bearer \u00e9", "Bearer a b"],
)
def test_without_a_token_nothing_is_told(ann, client, header):
    make_order(ann)

    answer = client.get("/api/v1/orders", headers={"authorization": header})

    assert answer.status_code == 401
    assert slugs(answer) == {"token"}
    assert answer["www-authenticate"] == "Bearer"


def test_a_session_is_no_token(ann, client):
    client.force_login(ann)

    assert client.get("/api/v1/orders").status_code == 401


def test_a_revoked_token_is_none_from_that_moment(program, ann):
    assert program.get("/orders").status_code == 200
    revoke_token(token_id=program.token.pk, by=ann, now=timezone.now())

    assert program.get("/orders").status_code == 401


def test_who_may_not_sign_in_has_no_program(program, ann):
    ann.is_active = False
    ann.save()

    assert program.get("/orders").status_code == 401


def test_the_last_use_is_noted_to_the_minute(program, django_assert_num_queries):
    program.get("/claims")
    program.token.refresh_from_db()
    first = program.token.last_used_at
    assert timezone.now() - first < timedelta(minutes=1)

    program.get("/claims")

    program.token.refresh_from_db()
    assert program.token.last_used_at == first


def test_the_secret_is_kept_nowhere(program):
    row = ApiToken.objects.filter(pk=program.token.pk).values().get()

    assert program.secret not in str(row)
    assert program.secret.startswith(row["beginning"])
    assert len(row["beginning"]) == 11


def test_too_many_requests_in_a_minute_are_refused(program, ann, bob, monkeypatch):
    monkeypatch.setattr(tokens, "MOST_READS", 2)
    again = Program(ann)

    answers = [program.get("/claims"), again.get("/claims"), program.get("/claims")]

    assert [each.status_code for each in answers] == [200, 200, 429]
    assert slugs(answers[-1]) == {"too-often"}
    assert 1 <= int(answers[-1]["retry-after"]) <= 60
    assert Program(bob).get("/claims").status_code == 200
    assert RequestCount.objects.get(key=f"api:{ann.pk}:read").count == 3


def test_writing_is_counted_apart(program, ann, monkeypatch):
    monkeypatch.setattr(tokens, "MOST_WRITES", 1)
    order = make_order(ann)

    assert program.post(f"/orders/{order.shop_id}/claims", WORDS).status_code == 201
    assert program.post(f"/orders/{order.shop_id}/claims", WORDS).status_code == 429
    assert program.get("/claims").status_code == 200


def test_the_next_minute_begins_anew(program, ann, monkeypatch):
    monkeypatch.setattr(tokens, "MOST_READS", 1)
    assert program.get("/claims").status_code == 200
    RequestCount.objects.update(minute=timezone.now() - timedelta(minutes=2))

    assert program.get("/claims").status_code == 200
