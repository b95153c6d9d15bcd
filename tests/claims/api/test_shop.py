import logging
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from accounts.models import CreditAccount
from claims.models import Order, ShopEvent
from tests.claims.actions.orders.reports import NUMBER, TOP_UP
from tests.claims.api.signed import ADDRESS, OLD_SECRET, SECRET, send, told

pytestmark = pytest.mark.django_db

LIMIT = timedelta(minutes=5)


@pytest.fixture(autouse=True)
def secrets(settings):
    settings.SHOP_WEBHOOK_SECRETS = [OLD_SECRET, SECRET]


def created(row, **changes):
    data = {name: value for name, value in (row | changes).items() if name != "updated_at"}
    return told("order.created", at=row["updated_at"], **data)


def test_an_order_that_the_shop_tells_of_is_there_at_once():
    assert send(created(TOP_UP), event_id="a").status_code == 200

    response = send(created(NUMBER), event_id="b")

    assert response.json() == {"id": "b", "state": "applied", "problem": "", "is_new": True}
    order = Order.objects.get(shop_id="N-1")
    assert (order.customer.email, str(order.price)) == ("ann@example.com", "2.50")
    assert order.number.phone == "+4915112345678"


@pytest.mark.parametrize("secret", [OLD_SECRET, SECRET])
def test_each_of_several_secrets_counts(secret):
    assert send(created(TOP_UP), secret=secret).status_code == 200


FORGED = {
    "another secret": {"secret": "whsec_" + "Zm9yZ2VkLWZvcmdlZC1mb3JnZWQtZm9yZ2Vk"},
    "no signature at all": {"signature": "v1,"},
    "words": {"signature": "let me in"},
    "another version": {"signature": "v2,c2VjcmV0"},
    "no base64": {"signature": "v1,é"},
    "too old": {"at": datetime.now(UTC) - LIMIT - timedelta(seconds=30)},
    "too new": {"at": datetime.now(UTC) + LIMIT + timedelta(hours=1)},
}


@pytest.mark.parametrize("how", FORGED.values(), ids=FORGED)
def test_what_the_shop_did_not_sign_now_is_refused(how):
    response = send(created(TOP_UP), **how)

    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert "five minutes" in response.json()["detail"]
    assert not ShopEvent.objects.exists()


@pytest.mark.parametrize("seconds", [-270, 270])
def test_a_clock_that_is_nearly_five_minutes_off_is_tolerated(seconds):
    response = send(created(TOP_UP), at=datetime.now(UTC) + timedelta(seconds=seconds))

    assert response.status_code == 200


def test_a_request_without_signature_is_refused():
    response = Client().post(ADDRESS, created(TOP_UP), content_type="application/json")

    assert response.status_code == 401


def test_a_changed_body_is_refused():
    signed = send(created(TOP_UP)).wsgi_request
    headers = {name: signed.headers[name] for name in ("webhook-id", "webhook-timestamp")}
    headers["webhook-signature"] = signed.headers["webhook-signature"]

    response = Client().post(ADDRESS, "{}", content_type="application/json", headers=headers)

    assert response.status_code == 401


def test_without_a_secret_nothing_is_taken(settings):
    settings.SHOP_WEBHOOK_SECRETS = []

    response = send(created(TOP_UP))

    assert response.status_code == 503
    assert response.json()["detail"] == "SHOP_WEBHOOK_SECRETS is not set on this server."
    assert not ShopEvent.objects.exists()


def test_the_same_event_again_changes_nothing():
    send(created(TOP_UP))

    response = send(created(TOP_UP))

    assert response.status_code == 200
    assert response.json() == {"id": "msg_1", "state": "applied", "problem": "", "is_new": False}
    assert ShopEvent.objects.count() == Order.objects.count() == 1


def test_the_same_id_with_other_content_is_a_conflict_and_changes_nothing():
    send(created(TOP_UP))

    response = send(created(TOP_UP, price="90.00"))

    assert response.status_code == 409
    assert (response.json()["state"], response.json()["is_new"]) == ("conflict", False)
    assert str(Order.objects.get().price) == "20.00"
    assert ShopEvent.objects.get().data["price"] == "20.00"


def test_a_sign_of_an_order_that_is_not_there_yet_waits_for_it():
    sms = told("sms.received", at="2026-04-01T12:05:00+00:00", order_id="N-1")

    response = send(sms, event_id="sms")

    assert response.status_code == 202
    assert response.json()["problem"] == "the order isn't known yet"
    send({"events": [created(NUMBER) | {"id": "b"}, created(TOP_UP) | {"id": "a"}]})
    assert Order.objects.get(shop_id="N-1").sms_received_at.isoformat() == sms["timestamp"]
    assert set(ShopEvent.objects.values_list("state", flat=True)) == {"applied"}


def test_a_purchase_that_no_top_up_covers_is_there_at_once():
    response = send(created(NUMBER), event_id="b")

    assert response.status_code == 200
    assert Order.objects.filter(shop_id="N-1").exists()
    send(created(TOP_UP), event_id="a")
    account = CreditAccount.objects.get(kind="customer")
    assert (account.balance, account.uncovered) == (Decimal("17.50"), 0)


def test_bad_events_of_a_batch_are_answered_one_by_one():
    bad = [
        created(TOP_UP, price="much") | {"id": "price"},
        "no event",
        {"id": "no data", "type": "order.created"},
        told("sms.received") | {"id": "nothing"},
        told("sms.received", order_id="T-1", received_at="2026-04-01T13:00:00Z") | {"id": "later"},
        told("customer.upserted", customer_email="ann") | {"id": "address"},
        told("sms.received", order_id={"a": 1}) | {"id": "object"},
        told("Order Created", order_id="N-1") | {"id": "type"},
        told("order.created", at="2126-04-01T12:00:00Z") | {"id": "future"},
        told("order.created", note="\x00") | {"id": "nul"},
        told("order.created", note="\ud800") | {"id": "surrogate"},
    ]

    response = send({"events": [*bad, created(TOP_UP) | {"id": "good"}]})

    *refused, good = response.json()["results"]
    assert response.status_code == 200
    assert [answer["state"] for answer in refused] == ["refused"] * len(bad)
    assert "price “much” is not an amount such as 2.50" in refused[0]["problem"]
    assert refused[3]["problem"] == "order_id is missing"
    assert refused[4]["problem"] == "received_at must not be after the event's timestamp"
    assert good == {"id": "good", "state": "applied", "problem": "", "is_new": True}
    assert Order.objects.count() == 1


def test_one_bad_event_alone_is_refused_by_its_status():
    response = send(created(TOP_UP, price="much"))

    assert response.status_code == 422
    assert response.json()["state"] == "refused"


@pytest.mark.parametrize("body", ["{", "", "[1e400", "[" * 100_000])
def test_what_is_no_json_is_refused(body):
    response = send(body)

    assert response.status_code == 400
    assert response.json()["detail"] == "The body is not JSON."


@pytest.mark.parametrize("body", ["[]", "1", "null", '"text"', '{"data": {"a": 1e400}}'])
def test_json_that_is_no_event_is_refused(body):
    assert send(body).status_code == 422


@pytest.mark.parametrize("events", [1, {}, [{}] * 501])
def test_a_batch_has_a_limit(events):
    response = send({"events": events})

    assert response.status_code == 400
    assert "at most 500 events" in response.json()["detail"]


def test_too_much_at_once_is_refused():
    response = send({"events": ["x" * 1_000_001]})

    assert response.status_code == 413


def test_what_we_do_not_know_is_kept_and_logged(caplog):
    caplog.set_level(logging.WARNING)

    response = send(told("number.sold_out", country="DE"), event_id="odd")

    assert response.status_code == 202
    assert response.json()["state"] == "unknown"
    assert ShopEvent.objects.get().data == {"country": "DE"}
    assert "odd is of unknown type number.sold_out" in caplog.text


def test_fields_that_we_do_not_know_are_kept():
    send(created(TOP_UP, voucher={"code": "SPRING"}))

    assert ShopEvent.objects.get().data["voucher"] == {"code": "SPRING"}
    assert Order.objects.exists()


def test_numbers_and_truths_of_json_are_read():
    send(created(TOP_UP, price=20))

    response = send(created(NUMBER, price=2.5, two_factor=True), event_id="b")

    assert response.status_code == 200
    assert Order.objects.get(shop_id="N-1").number.two_factor


def test_the_description_names_every_type_and_is_served_by_ourselves():
    page = Client().get("/api/v1/docs").content.decode()
    described = Client().get("/api/v1/openapi.json").json()

    assert "http://" not in page
    assert "https://" not in page
    text = str(described["paths"]["/api/v1/shop/events"])
    assert all(kind in text for kind in ShopEvent.Type.values)
    assert "webhook-signature" in text
