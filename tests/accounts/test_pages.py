from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.paginator import Paginator
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views.defaults import bad_request, server_error

from accounts.models import User

FOR_VISITORS = [
    "account_login",
    "account_signup",
    "account_email_verification_sent",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
    "account_request_login_code",
    "account_inactive",
]
FOR_PEOPLE = ["profile", "account_change_password", "account_logout"]
INLINE = re.compile(
    r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE
)


def assert_is_strict(response: Any) -> None:
    policy = response["Content-Security-Policy"]
    # The order of the directives differs from process to process.
    assert {"default-src 'none'", "script-src 'self'", "style-src 'self'"} <= set(
        policy.split("; ")
    )
    assert "unsafe" not in policy
    assert INLINE.findall(response.content.decode()) == []


@pytest.mark.parametrize("name", FOR_VISITORS)
def test_page_for_visitors_runs_nothing_inline(client: Client, db: None, name: str) -> None:
    response = client.get(reverse(name))
    assert response.status_code == 200
    assert_is_strict(response)


@pytest.mark.parametrize("name", FOR_PEOPLE)
def test_page_for_people_runs_nothing_inline(client: Client, ann: User, name: str) -> None:
    client.force_login(ann)
    response = client.get(reverse(name))
    assert response.status_code == 200
    assert_is_strict(response)


@pytest.mark.parametrize("name", FOR_PEOPLE)
def test_page_has_one_heading_and_labels_for_all_it_asks(
    client: Client, ann: User, name: str
) -> None:
    client.force_login(ann)
    page = client.get(reverse(name)).content.decode()
    assert page.count("<h1") == 1
    labelled = set(re.findall(r'<label[^>]* for="([^"]+)"', page))
    asked = set(re.findall(r'<(?:input|select|textarea)[^>]* id="([^"]+)"', page))
    assert asked <= labelled


def test_staff_alone_see_the_way_to_the_admin(client: Client, ann: User, sue: User) -> None:
    link = f'href="{reverse("admin:index")}"'
    client.force_login(ann)
    assert link not in client.get(reverse("profile")).content.decode()
    client.force_login(sue)
    assert link in client.get(reverse("profile")).content.decode()


def test_missing_page_answers_404_in_our_look(client: Client, db: None) -> None:
    response = client.get("/nothing/here/")
    assert response.status_code == 404
    assert "Page not found" in response.content.decode()
    assert_is_strict(response)


def test_missing_csrf_token_is_explained(ann: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ann)
    response = strict.post(reverse("profile"), {"display_name": "Eve"})
    assert response.status_code == 403
    assert "Please send the form again" in response.content.decode()
    assert_is_strict(response)


def test_pages_for_faults_render_without_a_person_or_a_database(rf: RequestFactory) -> None:
    assert "There is a problem on our side" in server_error(rf.get("/")).content.decode()
    assert "We can't read" in bad_request(rf.get("/"), ValueError()).content.decode()


def test_too_many_tries_are_explained(client: Client, db: None) -> None:
    for _ in range(6):
        response = client.post(reverse("account_reset_password"), {"email": "x@example.com"})
    assert response.status_code == 429
    assert "Too many attempts" in response.content.decode()


def test_errors_are_summed_up_with_links_to_their_fields(client: Client, ann: User) -> None:
    client.force_login(ann)
    fields = {"display_name": "A", "time_zone": "Mars/X", "language": "en"}
    page = client.post(reverse("profile"), fields).content.decode()
    assert '<a href="#id_time_zone">' in page
    assert 'aria-describedby="id_time_zone_helptext id_time_zone_error"' in page
    assert 'id="id_time_zone_error"' in page


def test_pagination_keeps_the_search(rf: RequestFactory) -> None:
    page = Paginator(range(50), 10).page(2)
    shown = render_to_string("includes/pagination.html", {"page": page}, rf.get("/?q=15"))
    assert 'href="?q=15&amp;page=3"' in shown
    assert "Page 2 of 5" in shown
