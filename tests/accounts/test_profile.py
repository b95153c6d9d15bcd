from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from accounts.models import User
from tests.accounts.pages import outbox, sign_in, signed_in_as
from tests.makers import PASSWORD

PROFILE = reverse("profile")
SAVED = {"display_name": "Ann B.", "time_zone": "Asia/Tokyo", "language": "en"}


def test_visitor_is_sent_to_sign_in(client: Client, db: None) -> None:
    assert client.get(PROFILE)["Location"] == f"{reverse('account_login')}?next={PROFILE}"


def test_name_time_zone_and_language_are_saved(client: Client, ann: User) -> None:
    client.force_login(ann)
    response = client.post(PROFILE, SAVED, follow=True)
    ann.refresh_from_db()
    assert response.redirect_chain == [(PROFILE, 302)]
    assert (ann.display_name, ann.time_zone, ann.language) == ("Ann B.", "Asia/Tokyo", "en")
    assert "Times are shown in Asia/Tokyo" in response.content.decode()


def test_unknown_time_zone_is_refused_and_nothing_is_saved(client: Client, ann: User) -> None:
    client.force_login(ann)
    response = client.post(PROFILE, SAVED | {"time_zone": "Mars/Olympus_Mons"})
    page = response.content.decode()
    assert response.context["form"].errors.as_data()["time_zone"][0].code == "time-zone"
    assert 'value="Mars/Olympus_Mons"' in page
    assert 'value="Ann B."' in page
    ann.refresh_from_db()
    assert (ann.display_name, ann.time_zone) == ("Ann", "UTC")


def test_refused_form_leaves_the_person_in_the_header_alone(client: Client, ann: User) -> None:
    client.force_login(ann)
    page = client.post(PROFILE, SAVED | {"time_zone": "Mars/Olympus_Mons"}).content.decode()
    assert '<span class="menu__name">Ann</span>' in page


def test_nothing_else_can_be_changed_here(client: Client, ann: User, bob: User) -> None:
    client.force_login(ann)
    client.post(PROFILE, SAVED | {"email": "x@example.com", "is_staff": "on", "id": str(bob.pk)})
    ann.refresh_from_db()
    bob.refresh_from_db()
    assert (ann.email, ann.is_staff, ann.is_superuser) == ("ann@example.com", False, False)
    assert bob.display_name == "Bob"


def test_time_zones_are_offered_by_place(client: Client, ann: User) -> None:
    client.force_login(ann)
    zones = client.get(PROFILE).context["time_zones"]
    assert {"UTC", "Europe/Berlin", "Asia/Kolkata"} <= set(zones)
    assert not [zone for zone in zones if zone.startswith("Etc/") or zone == "localtime"]


def test_person_without_a_password_can_set_one(client: Client, db: None) -> None:
    imported = User.objects.create_user("new@example.com")
    EmailAddress.objects.create(user=imported, email=imported.email, verified=True, primary=True)
    client.force_login(imported)
    url = reverse("account_set_password")
    assert f'href="{url}"' in client.get(PROFILE).content.decode()
    assert client.get(reverse("account_change_password"))["Location"] == url
    client.post(url, {"password1": PASSWORD, "password2": PASSWORD})
    visitor = Client()
    sign_in(visitor, imported.email, PASSWORD)
    assert signed_in_as(visitor) == str(imported.pk)


def test_new_password_signs_other_devices_out(client: Client, ann: User) -> None:
    other = Client()
    for device in (client, other):
        device.force_login(ann)
    new = {"password1": "quite-another-one", "password2": "quite-another-one"}
    client.post(reverse("account_change_password"), new | {"oldpassword": PASSWORD})
    assert client.get(PROFILE).status_code == 200
    assert other.get(PROFILE).status_code == 302


def test_new_password_is_told_by_mail_where_notices_are_on(
    client: Client, ann: User, settings: Settings
) -> None:
    settings.ACCOUNT_EMAIL_NOTIFICATIONS = True
    settings.BASE_URL = "https://claims.example"
    client.force_login(ann)
    new = {"password1": "quite-another-one", "password2": "quite-another-one"}
    client.post(reverse("account_change_password"), new | {"oldpassword": PASSWORD})
    assert outbox()[-1].to == [ann.email]
    assert "https://claims.example/account/password/reset/" in outbox()[-1].body


@pytest.mark.parametrize("action", ["", "action_add", "action_primary", "action_remove"])
def test_address_that_the_shop_knows_stays_whatever_is_asked(
    client: Client, ann: User, bob: User, action: str
) -> None:
    client.force_login(ann)
    other = EmailAddress.objects.create(user=ann, email="second@example.com", verified=True)
    before = list(EmailAddress.objects.order_by("pk").values())
    for email in (bob.email, "free@example.com", other.email, ann.email):
        response = client.post(reverse("account_email"), {"email": email, action: ""}, follow=True)
        assert response.redirect_chain == [(PROFILE, 302)]
        assert "The shop knows you as ann@example.com" in response.content.decode()
    assert list(EmailAddress.objects.order_by("pk").values()) == before
    ann.refresh_from_db()
    assert ann.email == "ann@example.com"
    assert outbox() == []


def test_page_for_addresses_leads_to_the_profile(client: Client, ann: User) -> None:
    client.force_login(ann)
    response = client.get("/account/email/", follow=True)
    assert response.redirect_chain == [(PROFILE, 302)]
    assert "write to the shop&#x27;s support" in response.content.decode()
    assert reverse("account_email") not in client.get(PROFILE).content.decode()


def test_changing_the_password_takes_the_old_one(client: Client, ann: User) -> None:
    client.force_login(ann)
    new = {"password1": "quite-another-one", "password2": "quite-another-one"}
    url = reverse("account_change_password")
    client.post(url, new | {"oldpassword": "not it"})
    ann.refresh_from_db()
    assert ann.check_password(PASSWORD)
    client.post(url, new | {"oldpassword": PASSWORD})
    ann.refresh_from_db()
    assert ann.check_password("quite-another-one")
