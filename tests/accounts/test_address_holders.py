"""Whose an address is depends only on the set of what the shop told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from allauth.account.models import EmailAddress
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import proving
from accounts.customers import (
    Mention,
    Named,
    add_customers,
    contested_addresses,
    find_customers,
    recognise,
)
from accounts.models import CustomerAddress, CustomerId, User
from accounts.tokens import find_token, make_token
from tests.accounts.pages import code_in_mail, outbox, sign_in, signed_in_as
from tests.makers import PASSWORD, make_customer_id, make_staff

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)


def tell(*told, buyers=None):
    """Tell of customers by `(customer id, address, minutes after noon)`."""
    mentions = [
        Mention(Named(customer_id, email), "", NOON + timedelta(minutes=at))
        for customer_id, email, at in told
    ]
    return recognise(mentions, buyers=buyers or {}, now=timezone.now())


def addresses():
    return dict(CustomerId.objects.values_list("customer_id", "user__email"))


def in_every_order(*told):
    """Return the addresses after every order of arrival, each told in a call of its own."""
    ends = []
    for order in permutations(told):
        with transaction.atomic():
            for each in order:
                tell(each)
            ends.append(addresses())
            transaction.set_rollback(True)
    return ends


def test_a_new_id_is_a_new_person_with_its_address_and_name():
    mention = Mention(Named("c-1", "zoe@example.com"), "Zoe", NOON)

    assert recognise([mention], buyers={}, now=NOON) == 1

    zoe = find_customers([mention.named])[mention.named]
    assert (zoe.email, zoe.display_name) == ("zoe@example.com", "Zoe")
    assert not zoe.has_usable_password()
    assert not EmailAddress.objects.get(user=zoe, primary=True).verified


def test_a_customer_without_an_address_exists_and_is_found_by_id():
    tell(("tg-5", "", 0))

    assert find_customers([Named("tg-5")])[Named("tg-5")].email == ""
    assert not EmailAddress.objects.exists()


def test_two_people_without_an_address_are_two():
    tell(("tg-5", "", 0), ("tg-6", "", 0))

    assert User.objects.filter(email="").count() == 2


def test_a_changed_address_moves_with_the_person_in_any_order():
    told = (
        ("c-1", "a@example.com", 0),
        ("c-1", "new@example.com", 5),
        ("c-1", "b@example.com", 2),
    )

    assert all(end == {"c-1": "new@example.com"} for end in in_every_order(*told))


def test_an_address_told_again_is_the_newest_in_any_order():
    told = ("c-1", "a@example.com", 0), ("c-1", "b@example.com", 5), ("c-1", "a@example.com", 9)

    assert all(end == {"c-1": "a@example.com"} for end in in_every_order(*told))


def test_two_people_exchange_their_addresses_in_any_order():
    told = (
        ("c-1", "a@example.com", 0), ("c-2", "b@example.com", 0),
        ("c-1", "b@example.com", 5), ("c-2", "a@example.com", 5),
    )  # fmt: skip

    assert all(
        end == {"c-1": "b@example.com", "c-2": "a@example.com"} for end in in_every_order(*told)
    )


def test_the_one_of_whom_it_was_told_last_holds_an_address_in_any_order():
    told = ("c-1", "a@example.com", 0), ("c-2", "a@example.com", 5), ("c-2", "z@example.com", 1)

    assert all(end == {"c-1": "", "c-2": "a@example.com"} for end in in_every_order(*told))


def test_told_of_two_people_at_the_same_instant_an_address_is_of_one_in_any_order():
    told = ("c-2", "a@example.com", 5), ("c-1", "a@example.com", 5)

    assert all(end == {"c-1": "a@example.com", "c-2": ""} for end in in_every_order(*told))


def test_one_call_tells_the_same_as_many():
    told = (
        ("c-1", "a@example.com", 0), ("c-2", "b@example.com", 1), ("c-1", "b@example.com", 5),
        ("c-3", "a@example.com", 6), ("c-2", "c@example.com", 7),
    )  # fmt: skip
    (*_, one_by_one) = in_every_order(*told)

    tell(*told)

    assert addresses() == one_by_one
    assert one_by_one == {"c-1": "b@example.com", "c-2": "c@example.com", "c-3": "a@example.com"}


def test_who_has_the_address_and_no_id_gets_the_id(ann: User):
    tell(("c-1", "ann@example.com", 0))

    assert CustomerId.objects.get().user == ann
    ann.refresh_from_db()
    assert ann.check_password(PASSWORD)


def test_the_buyer_of_a_known_order_gets_the_id_and_the_new_address(ann: User):
    tell(("c-1", "new@example.com", 0), buyers={"c-1": ann.pk})

    assert CustomerId.objects.get().user == ann
    assert addresses() == {"c-1": "new@example.com"}


def test_an_address_of_somebody_with_an_id_is_never_joined_to_another_id(ann: User):
    make_customer_id(ann, "c-1")

    tell(("c-1", "ann@example.com", 0), ("c-2", "ann@example.com", 3))

    assert addresses() == {"c-1": "", "c-2": "ann@example.com"}
    assert CustomerId.objects.get(customer_id="c-2").user != ann


def test_an_address_that_was_another_persons_is_contested_without_an_id():
    tell(("c-1", "a@example.com", 0), ("c-1", "b@example.com", 5))
    freed, used, fresh = (Named(email=f"{x}@example.com") for x in "abz")

    assert contested_addresses([freed, used, fresh]) == {"a@example.com"}
    assert freed not in find_customers([freed, used])

    tell(("c-2", "b@example.com", 9))
    assert contested_addresses([freed, used]) == {"a@example.com", "b@example.com"}
    assert find_customers([used, Named("c-2", "b@example.com")]).keys() == {
        Named("c-2", "b@example.com")
    }


def test_somebody_known_by_address_alone_loses_it_to_an_id_that_had_another(ann: User):
    tell(("c-1", "b@example.com", 0))

    tell(("c-1", "ann@example.com", 5))

    ann.refresh_from_db()
    assert ann.email == ""
    assert addresses() == {"c-1": "ann@example.com"}
    assert contested_addresses([Named(email="ann@example.com")]) == {"ann@example.com"}


def test_the_address_of_staff_stays_theirs_whatever_the_shop_tells():
    sue = make_staff("sue@example.com", "Support")
    make_customer_id(sue, "c-1")

    tell(("c-1", "elsewhere@example.com", 0), ("c-2", "sue@example.com", 5))

    sue.refresh_from_db()
    assert sue.email == "sue@example.com"
    assert addresses()["c-2"] == ""


def test_the_same_told_again_changes_nothing(ann: User):
    tell(("c-1", "ann@example.com", 0))
    before = list(CustomerAddress.objects.values()), list(User.objects.values())

    assert tell(("c-1", "ann@example.com", 0)) == 0
    assert (list(CustomerAddress.objects.values()), list(User.objects.values())) == before


def test_sessions_tokens_and_the_password_end_with_the_address(client: Client, ann: User):
    _, secret = make_token(owner=ann, name="bot", scopes=["orders:read"], now=timezone.now())
    tell(("c-1", "ann@example.com", 0))
    sign_in(client, ann.email, PASSWORD)
    assert client.get(reverse("portal:orders")).status_code == 200

    tell(("c-1", "new@example.com", 5))

    assert client.get(reverse("portal:orders")).status_code == 302
    assert find_token(secret, now=timezone.now()) is None
    for email in ("ann@example.com", "new@example.com"):
        sign_in(client, email, PASSWORD)
        assert signed_in_as(client) is None


def test_the_new_address_is_proven_by_a_code_before_sign_in(client: Client, ann: User):
    tell(("c-1", "ann@example.com", 0), ("c-1", "new@example.com", 5))
    CustomerId.objects.get(user=ann)

    client.post(reverse("account_request_login_code"), {"email": "new@example.com"})
    assert outbox()[-1].to == ["new@example.com"]
    client.post(reverse("account_confirm_login_code"), {"code": code_in_mail()})

    assert signed_in_as(client) == str(ann.pk)
    assert EmailAddress.objects.get(user=ann).email == "new@example.com"


def test_a_code_that_went_to_the_old_address_signs_nobody_in(client: Client, ann: User):
    client.post(reverse("account_request_login_code"), {"email": "ann@example.com"})
    code = code_in_mail()
    tell(("c-1", "ann@example.com", 0), ("c-1", "new@example.com", 5))

    answer = client.post(reverse("account_confirm_login_code"), {"code": code})

    assert answer["Location"] == reverse("account_request_login_code")
    assert signed_in_as(client) is None
    assert not EmailAddress.objects.filter(email="ann@example.com").exists()


def test_without_the_guard_a_code_that_went_to_the_old_address_signs_in(
    client: Client, ann: User, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(proving, "refuse_former_address", lambda *args: None)
    client.post(reverse("account_request_login_code"), {"email": "ann@example.com"})
    code = code_in_mail()
    tell(("c-1", "ann@example.com", 0), ("c-1", "new@example.com", 5))

    client.post(reverse("account_confirm_login_code"), {"code": code})

    assert signed_in_as(client) == str(ann.pk)


def test_the_old_address_can_be_somebody_elses_who_sees_nothing(client: Client, ann: User):
    tell(("c-1", "ann@example.com", 0), ("c-1", "new@example.com", 5))

    (other,) = add_customers({"ann@example.com": "Another Ann"}, now=timezone.now())

    assert other != ann
    assert contested_addresses([Named(email="ann@example.com")]) == {"ann@example.com"}


def test_an_id_and_an_address_stay_as_they_are_in_raw_sql(ann: User):
    tell(("c-1", "ann@example.com", 0))

    for change in (
        lambda: CustomerId.objects.update(customer_id="c-2"),
        lambda: CustomerId.objects.all().delete(),
        lambda: CustomerAddress.objects.update(email="b@example.com"),
        lambda: CustomerAddress.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_person_has_one_id_of_their_own(ann: User):
    make_customer_id(ann, "c-1")

    with pytest.raises(IntegrityError):
        make_customer_id(ann, "c-2")


def test_the_database_keeps_domains_in_ascii(ann: User):
    with pytest.raises(IntegrityError, match="domain_is_in_ascii"):
        User.objects.filter(pk=ann.pk).update(email="ann@müller.example")
