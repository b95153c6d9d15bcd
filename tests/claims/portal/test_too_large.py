"""A form whose text is too large is answered with 413 and a page that says so."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.makers import make_order

LARGE = "x" * 1_100_000
SMALL = "x" * 1_000_000
ENCODED = "application/x-www-form-urlencoded"
KEY = "c" * 32


def browser_of(user) -> Client:
    """Return a browser whose forms carry the key that the CSRF check asks for."""
    browser = Client(enforce_csrf_checks=True)
    if user:
        browser.force_login(user)
    browser.cookies["csrftoken"] = KEY
    return browser


def post(browser, address, text, encoding):
    fields = {"csrfmiddlewaretoken": KEY, "reason": text}
    if encoding == "multipart":
        return browser.post(address, fields)
    body = "&".join(f"{name}={value}" for name, value in fields.items())
    return browser.post(address, body, content_type=ENCODED)


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("encoding", ["multipart", "urlencoded"])
@pytest.mark.parametrize("door", ["sign-in", "profile", "filing", "admin"])
def test_a_form_with_too_much_text(ann, sue, settings, door, encoding, debug):
    settings.DEBUG = debug
    order = make_order(ann, completed=True)
    address, person = {
        "sign-in": (reverse("account_login"), None),
        "profile": (reverse("profile"), ann),
        "filing": (reverse("portal:file_claim", args=[order.shop_id]), ann),
        "admin": (reverse("admin:claims_order_changelist"), sue),
    }[door]

    answer = post(browser_of(person), address, LARGE, encoding)

    assert answer.status_code == 413
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    assert "This is too large to send at once" in answer.content.decode()
    assert post(browser_of(person), address, SMALL, encoding).status_code != 413


def test_a_form_without_its_key_is_refused_as_before(ann):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ann)

    assert browser.post(reverse("profile"), {"reason": "x"}).status_code == 403


def test_a_body_that_ends_too_early_is_refused_as_before(ann):
    browser = browser_of(ann)

    answer = browser.generic(
        "POST", reverse("profile"), b"--x\r\n", content_type="multipart/form-data; boundary=x"
    )

    assert answer.status_code in (400, 403)
