"""axe and the content policy find nothing on any page of the admin, in light and in dark."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from claims.actions.review import notes
from claims.models import ApprovalLimit, CannedReply
from tests.browser.pages import sign_in
from tests.browser.test_accessibility import findings
from tests.makers import (
    ANSWERS,
    make_acknowledgement,
    make_claim,
    make_incident,
    make_lease,
    make_merge,
    make_offer,
    make_order,
    make_replacement,
    make_shop_event,
    make_snapshot,
    make_staff,
    make_user,
    make_webhook,
    newest_event,
)
from tests.reviewing import approve

WIDE, TABLET = 1280, 820
PARTS = 4  # split over these, so that several processes share the work


@pytest.fixture
def root(real_commits) -> User:
    return make_user("root@example.com", is_staff=True, is_superuser=True)


@pytest.fixture
def rows(ann, sue):
    """Make at least one row of each model; return a claim that is decided."""
    max_ = make_staff("max@example.com", "Supervisor")
    ApprovalLimit.objects.create(currency="EUR", amount=1)
    CannedReply.objects.create(name="A video", body="Please send a video.")
    make_incident(sue)
    claim = make_claim(make_order(ann, sms=True), kind="major_defect")
    make_replacement(make_offer(claim, sue))
    make_merge(ann, make_user("cleo@example.com"))
    make_shop_event()
    make_snapshot(ann.credit_accounts.get())
    make_webhook(make_order(ann))
    make_acknowledgement(make_order(ann))
    notes.add_note(claim_id=claim.pk, by=sue, body="Look twice.", now=timezone.now())
    for person in (sue, max_):
        approve(
            claim_id=claim.pk, by=person, seen=newest_event(claim), answers=ANSWERS,
            note="Sorry.", now=timezone.now(),
        )  # fmt: skip
    # Its number got its SMS, so no worker returns the price meanwhile.
    late = timezone.now() - timedelta(days=6)
    order = make_order(ann, purchased_at=late - timedelta(hours=1), sms=True)
    make_lease(make_claim(order, kind="major_defect", now=late), sue)
    return claim


def addresses(claim) -> Iterator[str]:
    """Return every page in the admin's own URLconf, with a row where its address takes one."""
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        row = model._default_manager.order_by("-pk").first()
        assert row is not None, model
        yield reverse(f"{name}_changelist")
        yield reverse(f"{name}_add")
        for view in ("change", "history", "delete"):
            yield reverse(f"{name}_{view}", args=[row.pk])
    for name in ("index", "password_change", "claims_event_day", "accounts_customermerge_start"):
        yield reverse(f"admin:{name}")
    yield reverse("admin:claims_event_story", args=[claim.pk])
    for app in ("accounts", "claims", "auth", "procrastinate"):
        yield reverse("admin:app_list", args=[app])
    yield reverse("admin:claims_event_changelist") + "?q=nothing"
    yield reverse("admin:claims_event_story", args=[999_999])


@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_of_the_admin_is_open_to_all_and_no_wider_than_the_window(
    part, open_page, rows, root, expected
):
    expected += ["403", "404"]  # most models refuse adding and deleting
    page = open_page(width=WIDE)
    sign_in(page, root.email)
    said = []
    for address in list(addresses(rows))[part::PARTS]:
        answer = page.goto(address)
        assert answer is not None
        for width in (TABLET, WIDE):
            page.set_viewport_size({"width": width, "height": 844})
            over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if over > 0:
                said.append(f"{address}: {over} px wider than {width} px")
        if answer.status == 200:
            said += findings(page, address)

    assert not said, "\n".join(said)


def test_the_keyboard_s_place_is_seen_on_everything_of_the_desk(open_page, rows, sue):
    page = open_page(width=WIDE)
    sign_in(page, sue.email)
    page.goto("/admin/")
    unseen = page.evaluate(
        """() => [...document.querySelectorAll("a, button, input, [tabindex='0']")]
            .filter((each) => each.offsetParent && each.type !== "hidden")
            .filter((each) => { each.focus({focusVisible: true});
                                return document.activeElement === each
                                    && getComputedStyle(each).outlineStyle === "none"; })
            .map((each) => each.outerHTML.slice(0, 80))"""
    )

    assert unseen == []


def test_next_claim_is_one_press_away(open_page, rows, ann, sue):
    claim = make_claim(make_order(ann, sms=True), kind="major_defect")
    page = open_page(width=WIDE)
    sign_in(page, sue.email)
    page.goto("/admin/")
    page.get_by_role("button", name="Next claim").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text(claim.code)
