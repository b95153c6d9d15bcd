from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.customers import Named, add_customers, adopt_customers, find_customers
from accounts.models import User
from tests.accounts.pages import link_in_mail, outbox, sign_in, signed_in_as
from tests.makers import PASSWORD


@pytest.mark.django_db
def test_a_customer_is_added_without_a_password_and_with_an_unproven_address():
    now = timezone.now()

    (zoe,) = add_customers({"Zoe@Example.com": "Zoe"}, now=now)

    assert (zoe.email, zoe.display_name, zoe.date_joined) == ("zoe@example.com", "Zoe", now)
    assert not zoe.has_usable_password()
    address = EmailAddress.objects.get(user=zoe)
    assert (address.email, address.primary, address.verified) == ("zoe@example.com", True, False)


def test_who_is_there_already_stays_as_they_are(ann: User):
    added = add_customers({"ANN@example.com": "Somebody"}, now=timezone.now())

    assert added == []
    ann.refresh_from_db()
    assert ann.display_name == "Ann"
    assert EmailAddress.objects.get(user=ann).verified


def test_people_are_found_whatever_the_case(ann: User, bob: User):
    User.objects.filter(pk=ann.pk).update(email="Ann@Example.com")
    of_ann = Named(email="ann@example.com")

    assert find_customers([of_ann, Named(email="no@example.com")]) == {of_ann: ann}


def test_an_added_customer_signs_in_by_emailed_code_which_proves_the_address(
    client: Client, db: None
):
    (zoe,) = add_customers({"zoe@example.com": "Zoe"}, now=timezone.now())

    client.post(reverse("account_request_login_code"), {"email": "zoe@example.com"})
    code = re.search(r"^\s{4}(\S+)$", str(outbox()[-1].body), re.MULTILINE)
    assert code
    client.post(reverse("account_confirm_login_code"), {"code": code[1]})

    assert signed_in_as(client) == str(zoe.pk)
    assert EmailAddress.objects.get(user=zoe).verified


def test_an_added_customer_can_set_a_password_by_reset(client: Client, db: None):
    add_customers({"zoe@example.com": "Zoe"}, now=timezone.now())

    client.post(reverse("account_reset_password"), {"email": "zoe@example.com"})

    (sent,) = outbox()
    assert sent.to == ["zoe@example.com"]
    assert "/account/password/reset/key/" in str(sent.body)


def test_a_customer_who_reset_the_password_has_proven_the_address(client: Client, db: None):
    (zoe,) = add_customers({"zoe@example.com": "Zoe"}, now=timezone.now())
    client.post(reverse("account_reset_password"), {"email": zoe.email})
    form = client.get(link_in_mail())["Location"]

    client.post(form, {"password1": PASSWORD, "password2": PASSWORD})

    assert EmailAddress.objects.get().verified
    sign_in(client, zoe.email, PASSWORD)
    assert signed_in_as(client) == str(zoe.pk)


def test_adopting_somebody_takes_a_password_off_an_unproven_address_alone(ann: User):
    squatted = User.objects.create_user("Zoe@example.com", PASSWORD)
    EmailAddress.objects.create(user=squatted, email="zoe@example.com", primary=True)

    adopt_customers([ann.pk, squatted.pk])

    ann.refresh_from_db()
    squatted.refresh_from_db()
    assert ann.check_password(PASSWORD)
    assert not squatted.has_usable_password()


def test_nobody_takes_over_an_added_customer_by_signing_up(client: Client, db: None):
    (zoe,) = add_customers({"zoe@example.com": "Zoe"}, now=timezone.now())

    client.post(
        reverse("account_signup"),
        {"email": "zoe@example.com", "password1": "somebody-elses-password"},
    )

    assert User.objects.get() == zoe
    zoe.refresh_from_db()
    assert not zoe.has_usable_password()
    assert signed_in_as(client) is None
