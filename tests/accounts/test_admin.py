from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import BalanceSnapshot, CustomerAddress, CustomerMerge, User
from claims.models import Claim, Incident, Service
from tests.makers import make_claim, make_customer_id, make_order, make_user

ADD = reverse("admin:accounts_user_add")


def change(user):
    return reverse("admin:accounts_user_change", args=[user.pk])


def words(**changes):
    return {
        "email": "new@example.com",
        "display_name": "New",
        "time_zone": "UTC",
        "language": "en",
        "is_active": "on",
    } | changes


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def root(db) -> User:
    """A superuser."""
    return make_user("root@example.com", is_staff=True, is_superuser=True)


def test_a_superuser_adds_staff_without_choosing_their_password(root):
    support = Group.objects.get(name="Support")

    response = signed_in(root).post(ADD, words(is_staff="on", groups=[support.pk]))

    person = User.objects.get(email="new@example.com")
    assert response.status_code == 302
    assert person.is_staff
    assert not person.has_usable_password()
    assert person.has_perm("claims.review_claim")


def test_a_second_account_for_an_address_is_refused_whatever_its_case(root, ann):
    response = signed_in(root).post(ADD, words(email="ANN@example.com"))

    assert response.status_code == 200
    assert "There is an account with this email address already." in response.content.decode()
    assert User.objects.filter(email__iexact="ann@example.com").count() == 1


def test_an_address_does_not_change_here_even_for_a_superuser(root, ann):
    response = signed_in(root).post(change(ann), words(email="eve@example.com", display_name="A"))

    ann.refresh_from_db()
    assert response.status_code == 302
    assert ann.email == "ann@example.com"
    assert ann.display_name == "A"
    assert ann.has_usable_password()


@pytest.mark.parametrize("who", ["sue", "max_", "otto"])
def test_staff_read_people_and_write_nothing(who, ann, request):
    client = signed_in(request.getfixturevalue(who))

    page = client.get(change(ann))

    assert page.status_code == 200
    assert "ann@example.com" in page.content.decode()
    assert ann.password not in page.content.decode()
    assert client.post(change(ann), words(is_staff="on")).status_code == 403
    assert client.post(ADD, words()).status_code == 403
    ann.refresh_from_db()
    assert not ann.is_staff


def test_reports_do_not_read_people(rita, ann):
    assert signed_in(rita).get(change(ann)).status_code == 403


def test_customers_have_no_admin(ann):
    response = signed_in(ann).get(reverse("admin:index"))

    assert response.status_code == 302
    assert "login" in response.url


def test_the_desk_has_its_name(sue):
    page = signed_in(sue).get(reverse("admin:index")).content.decode()

    assert "ESIMPY claims desk" in page
    assert "/static/claims/desk.css" in page


def ways_to_a_password(model: type[Model], *, steps: int = 3) -> Iterator[str]:
    """Yield every lookup that reaches a password over at most `steps` relations, both ways."""
    if model is User:
        yield "password"
    for field in model._meta.get_fields():
        if steps and field.is_relation and isinstance(field.related_model, type):
            for way in ways_to_a_password(field.related_model, steps=steps - 1):
                yield f"{field.name}__{way}"


REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)
# Their lists are pages of our own, which know a few words and no look-ups.
OWN_LISTS = [BalanceSnapshot, Claim, CustomerMerge, Incident, Service]


@pytest.mark.parametrize(
    "model",
    [model for model in REGISTERED if model not in OWN_LISTS],
    ids=lambda model: model._meta.label,
)
def test_no_list_tells_how_a_password_hash_starts(model, sue):
    client = signed_in(sue)
    page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    allowed = client.get(page).status_code == 200

    for way in ways_to_a_password(model):
        response = client.get(page, {f"{way}__startswith": sue.password[:9]})
        assert response.status_code == (400 if allowed else 403), way


@pytest.mark.parametrize("model", OWN_LISTS, ids=lambda model: model._meta.label)
def test_our_own_lists_know_no_look_ups(model, ann, sue):
    make_claim(make_order(ann))
    client = signed_in(sue)
    page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")

    for way in ways_to_a_password(model):
        answers = [
            client.get(page, {f"{way}__startswith": guess}).content.decode()
            for guess in (sue.password[:9], "wrong")
        ]
        right, wrong = (re.findall(r"CLM-[0-9A-Z-]+", answer) for answer in answers)
        assert right == wrong, way


def test_ways_to_a_password_are_found_near_and_far():
    found = {way for model in REGISTERED for way in ways_to_a_password(model)}

    assert {"password", "owner__password", "order__customer__password"} <= found


PEOPLE = reverse("admin:accounts_user_changelist")


def listed(client, query):
    return {user.email for user in client.get(f"{PEOPLE}?{query}").context["cl"].result_list}


def test_people_are_found_by_an_id_of_the_shop_in_full(ann, bob, max_):
    make_customer_id(bob, "c-77")

    assert listed(signed_in(max_), "q=c-77") == {bob.email}
    assert listed(signed_in(max_), "q=c-7") == set()


def test_people_without_an_address_are_listed_and_called_so(ann, max_):
    nobody = User.objects.create(email="", display_name="")
    make_customer_id(nobody, "tg-5")
    client = signed_in(max_)

    assert listed(client, "address=no") == {""}
    assert "" not in listed(client, "address=yes")
    assert "a customer without an address" in client.get(change(nobody)).content.decode()


def test_the_page_of_a_person_tells_their_ids_and_earlier_addresses(ann, max_, sue):
    make_customer_id(ann, "c-1")
    CustomerAddress.objects.create(user=ann, email="old@example.com", told_at=timezone.now())

    page = signed_in(max_).get(change(ann)).content.decode()

    assert "c-1" in page
    assert "old@example.com" in page
    start = f"{reverse('admin:accounts_customermerge_start')}?first=ann%40example.com"
    assert start in page
    assert "customermerge/start" not in signed_in(sue).get(change(ann)).content.decode()
    assert "customermerge/start" not in signed_in(max_).get(change(sue)).content.decode()
