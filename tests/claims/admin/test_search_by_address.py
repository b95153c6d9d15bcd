"""Staff find people by an address in any spelling."""

import pytest
from django.urls import reverse
from django.utils import timezone

from claims.actions.shop.inbound_events import receive_shop_events
from claims.models import Notice
from tests.claims.actions.shop.shop_messages import message
from tests.claims.admin.asking import codes
from tests.makers import make_claim, make_order, make_user

STORED = "jörg@xn--mller-kva.example"
every_spelling = pytest.mark.parametrize(
    "typed", ["JÖRG@müller.example", "jo\u0308rg@xn--mller-kva.EXAMPLE", f" {STORED} "]
)


@pytest.fixture
def claim(db):
    claim = make_claim(make_order(make_user(STORED)))
    make_claim(make_order(make_user("jörg@example.com")))
    return claim


def found(client, model, typed):
    page = client.get(reverse(f"admin:{model}_changelist"), {"q": typed})
    return list(page.context["cl"].result_list)


@every_spelling
def test_queue_finds_their_claims(typed, claim, sue, browse):
    assert codes(browse(sue), q=typed) == [claim.code]


def test_queue_finds_them_by_a_beginning(claim, sue, browse):
    assert codes(browse(sue), q="jörg@müller.exa") == [claim.code]
    assert len(codes(browse(sue), q="JÖRG@")) == 2


@every_spelling
def test_admin_lists_find_them(typed, claim, max_, browse):
    client = browse(max_)
    told = {"customer_email": STORED, "customer_name": "Jörg"}
    receive_shop_events(messages=[message("1", "customer.upserted", **told)], now=timezone.now())
    notice = Notice.objects.get(event__claim=claim)
    notice.begin(address=STORED, at=timezone.now())

    assert found(client, "claims_order", typed) == [claim.order]
    assert found(client, "claims_notice", typed) == [notice]
    assert [event.event_id for event in found(client, "claims_shopevent", typed)] == ["1"]


@every_spelling
def test_admin_finds_the_person_and_their_credit(typed, claim, admin_client):
    assert found(admin_client, "accounts_user", typed) == [claim.order.customer]
    [account] = found(admin_client, "accounts_creditaccount", typed)
    assert account.owner == claim.order.customer


def test_superuser_adds_a_person_in_any_spelling(db, admin_client):
    add = reverse("admin:accounts_user_add")
    fields = {"time_zone": "UTC", "language": "en", "is_active": "on"}

    assert admin_client.post(add, fields | {"email": "JÖRG@müller.example"}).status_code == 302
    again = admin_client.post(add, fields | {"email": STORED})

    assert "There is an account with this email address already" in again.content.decode()
    assert 'type="email"' not in again.content.decode()
