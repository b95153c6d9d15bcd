"""What every answer says to the browser besides its page."""

from __future__ import annotations

import json

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from config.page_headers import PERMISSIONS
from tests.config.test_settings import python, read
from tests.makers import make_claim, make_order

HOST_COOKIES = {
    "SESSION_COOKIE_NAME": "__Host-sessionid",
    "CSRF_COOKIE_NAME": "__Host-csrftoken",
    "MESSAGE_STORAGE": "config.message_cookie.HostMessages",
}


def stored_nowhere(response) -> bool:
    return {"private", "no-store"} <= {
        word.strip() for word in response["Cache-Control"].split(",")
    }


def test_no_page_of_a_customer_is_stored(ann, client):
    claim = make_claim(make_order(ann))
    client.force_login(ann)
    addresses = [
        reverse("portal:orders"), reverse("portal:claims"), reverse("portal:credit"),
        reverse("profile"), reverse("api_tokens"), reverse("account_change_password"),
        claim.get_absolute_url(), "/nothing-here/",
    ]  # fmt: skip

    answers = {address: client.get(address) for address in addresses}

    assert {address: stored_nowhere(answer) for address, answer in answers.items()} == (
        dict.fromkeys(addresses, True)
    )


def test_no_page_of_staff_is_stored(sue, client):
    client.force_login(sue)
    for address in (reverse("admin:index"), reverse("admin:claims_order_changelist")):
        assert stored_nowhere(client.get(address)), address


@pytest.mark.parametrize("name", ["account_login", "account_signup", "account_reset_password"])
def test_no_page_with_a_form_for_strangers_is_stored(db, client, name):
    assert stored_nowhere(client.get(reverse(name)))


def test_static_files_are_answered_before_and_may_be_stored():
    order = django_settings.MIDDLEWARE
    whitenoise = order.index("whitenoise.middleware.WhiteNoiseMiddleware")
    assert whitenoise < order.index("config.page_headers.PageHeadersMiddleware")


def test_pages_use_no_more_of_the_browser_than_they_need(db, client):
    policy = client.get(reverse("account_login"))["Permissions-Policy"]

    assert policy == PERMISSIONS
    for refused in ("microphone=()", "geolocation=()", "payment=()", "usb=()"):
        assert refused in policy
    # Customers record their screen.
    assert "camera=(self), display-capture=(self)" in policy
    features = [part.partition("=")[0] for part in policy.split(", ")]
    assert len(features) == len(set(features))


def test_cookies_of_production_belong_to_this_host_alone(production):
    secure = {"SESSION_COOKIE_SECURE": True, "CSRF_COOKIE_SECURE": True}
    assert read(production, *HOST_COOKIES, *secure) == HOST_COOKIES | secure


def test_a_demo_without_https_has_cookies_that_browsers_take(bare):
    script = "from django.conf import settings as s; print(s.SESSION_COOKIE_NAME)"
    assert python(bare, "-c", script).stdout == "sessionid\n"


def test_each_cookie_of_production_is_as_its_name_promises(ann, settings):
    for name, value in HOST_COOKIES.items():
        setattr(settings, name, value)
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    browser = Client()
    browser.force_login(ann)
    form = {"display_name": "Ann", "time_zone": "UTC", "language": "en"}

    browser.get(reverse("profile"), secure=True)
    saved = browser.post(reverse("profile"), form, secure=True)
    told = browser.get(saved["Location"], secure=True)

    assert "__Host-messages" in saved.cookies
    assert [str(message) for message in told.context["messages"]]
    cookies = {**browser.cookies, **saved.cookies}
    assert set(cookies) == {"__Host-sessionid", "__Host-csrftoken", "__Host-messages"}
    for cookie in cookies.values():
        assert (cookie["secure"], cookie["path"], cookie["domain"] or "") == (True, "/", "")


@pytest.mark.parametrize("knows_the_old_key", [True, False])
def test_a_new_key_signs_nobody_out_while_the_old_one_counts(ann, settings, knows_the_old_key):
    browser = Client()
    browser.force_login(ann)
    if knows_the_old_key:
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key than before"

    answer = browser.get(reverse("portal:orders"))

    assert answer.status_code == (200 if knows_the_old_key else 302)


def test_old_keys_are_read_from_the_environment(production):
    old = [production["SECRET_KEY"][::-1], production["SECRET_KEY"].swapcase()]
    environment = production | {"SECRET_KEY_FALLBACKS": ", ".join(old)}
    assert read(environment, "SECRET_KEY_FALLBACKS") == {"SECRET_KEY_FALLBACKS": old}


ASKING = """
import django, json
from django.conf import settings
plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
settings.STORAGES["staticfiles"] = {"BACKEND": plain}  # nobody has collected them
django.setup()
from django.test import Client
answers = [
    Client().get(path, headers={"host": host}, secure=secure)
    for path in ("/", "/api/v1/orders")
    for secure in (True, False)
    for host in ("evil.example", "evil.example:many", "e<b>'vil")
]
print(json.dumps([[answer.status_code, answer["Content-Type"]] for answer in answers]))
"""


def test_a_host_that_is_not_ours_costs_one_line_of_the_log(production):
    answer = python(production, "-W", "ignore", "-c", ASKING)
    assert answer.returncode == 0, answer.stderr

    lines = [json.loads(line) for line in answer.stderr.splitlines()]
    told = [line for line in lines if line["logger"] == "django.security.DisallowedHost"]
    assert len(told) == 12, answer.stderr
    assert all("Invalid HTTP_HOST header" in line["message"] for line in told)
    assert not any("exception" in line for line in told)
    page, problem = [400, "text/html; charset=utf-8"], [400, "application/problem+json"]
    assert json.loads(answer.stdout) == [page] * 6 + [problem] * 6
