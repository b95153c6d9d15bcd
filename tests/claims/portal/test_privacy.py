"""Another person's things answer like things that don't exist, by any address and method."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from claims.models import Claim, Number, Order, SupplierEntry, Upload
from claims.portal.urls import urlpatterns
from tests.claims.api.asking import Program
from tests.makers import make_claim, make_order, make_shop_event, make_upload

# The page of a merge opens by a signed link alone, see account/test_merge.py.
OPEN_TO_ALL = {"home", "merge", "policy"}
LISTS = {"orders", "claims", "credit", "notices", "read_all"}
PRIVATE = {str(pattern.name) for pattern in urlpatterns} - OPEN_TO_ALL - LISTS
# These answer a program with a status only.
UPLOADING = {"create_upload": ["post"], "upload": ["head", "patch", "delete"]}
TUS = {"Tus-Resumable": "1.0.0", "Upload-Length": "5", "Upload-Offset": "0"}


@pytest.fixture
def addresses(bob) -> dict[str, str]:
    """Return every address that names something, with Bob's things in it."""
    order = make_order(bob, activation="waiting")
    claim = make_claim(make_order(bob, completed=True), kind="invalid_number", proofs=("video",))
    upload = make_upload(order, state="accepted")
    upload.renditions.create(
        role="picture", name="aa/a.webp", media_type="image/webp", width=1, height=1, size=0
    )
    values = {
        "shop_id": order.shop_id,
        "code": claim.code,
        "token": upload.token,
        "role": "picture",
    }
    return {
        str(pattern.name): reverse(
            f"portal:{pattern.name}",
            kwargs={name: values[name] for name in pattern.pattern.converters},
        )
        for pattern in urlpatterns
        if pattern.name not in OPEN_TO_ALL
    }


@pytest.mark.parametrize("name", sorted(PRIVATE))
def test_other_peoples_things_are_not_found_and_not_changed(addresses, ann_client, bob, name):
    answers = {
        getattr(ann_client, method)(addresses[name], headers=TUS).status_code
        for method in UPLOADING.get(name, ["get", "post"])
    }

    assert answers <= {404, 405}
    assert 404 in answers
    assert Claim.objects.get().is_open
    assert not Order.objects.filter(returned_at__isnull=False).exists()
    assert Upload.objects.count() == 2


@pytest.mark.parametrize("name", sorted((PRIVATE | LISTS) - UPLOADING.keys()))
def test_a_stranger_is_sent_to_the_sign_in(addresses, client, name):
    for answer in (client.get(addresses[name]), client.post(addresses[name])):
        assert answer.status_code == 302
        assert answer.url.startswith("/account/login/?next=")


@pytest.mark.parametrize("name", sorted(UPLOADING))
def test_a_stranger_s_program_is_told_to_sign_in(addresses, client, name):
    for method in UPLOADING[name]:
        answer = getattr(client, method)(addresses[name], headers=TUS)

        assert answer.status_code == 401


@pytest.mark.parametrize(
    "address", ["/claims/CLM%00/", "/orders/a%00b/claim/", "/evidence/a%0Ab/video/"]
)
def test_an_address_with_control_characters_is_not_found(ann_client, address):
    assert ann_client.get(address).status_code == 404


@pytest.mark.parametrize("name", sorted(LISTS))
def test_pages_are_under_the_site_s_own_content_security_policy(ann_client, name):
    page = ann_client.get(reverse(f"portal:{name}"))

    assert "script-src 'self'" in page["Content-Security-Policy"]
    assert "style=" not in page.content.decode()
    assert "onclick" not in page.content.decode()


SUPPLIED = {
    "supplier": "Wholesale-North", "supplier_order_id": "SUP-4711",
    "supplier_cost": Decimal("0.37"),
}  # fmt: skip


def test_customers_never_see_what_suppliers_took(ann, ann_client):
    order = make_order(ann, activation="waiting")
    claimed = make_order(ann, completed=True)
    claim = make_claim(claimed, kind="invalid_number", proofs=("video",))
    Number.objects.filter(order__in=[order, claimed]).update(**SUPPLIED)
    for each in (order, claimed):
        SupplierEntry.objects.create(
            order=each, event=make_shop_event(each.shop_id), kind="charged",
            amount=SUPPLIED["supplier_cost"], currency="EUR",
            supplier_order_id=SUPPLIED["supplier_order_id"], at=each.purchased_at,
        )  # fmt: skip
    values = {"shop_id": order.shop_id, "code": claim.code}
    named = {pattern.name: pattern.pattern.converters for pattern in urlpatterns}
    pages = [
        reverse(f"portal:{name}", kwargs={each: values[each] for each in words})
        for name, words in named.items()
        if words.keys() <= values.keys()
    ]
    program = Program(ann)
    of_programs = ["/orders", f"/orders/{order.shop_id}", f"/claims/{claim.code}", "/credit"]

    answers = [ann_client.get(page) for page in pages]
    answers += [program.get(path) for path in of_programs]

    shown = [answer.content.decode() for answer in answers if answer.status_code == 200]
    assert len(shown) >= 10
    assert any(order.shop_id in text for text in shown)
    for word in map(str, SUPPLIED.values()):
        assert not any(word in text for text in shown)
