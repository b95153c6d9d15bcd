"""Pages and mails about a customer whom the shop knows by its id alone."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.customers import Mention, Named, recognise
from accounts.models import CustomerId
from claims.models import Notice
from tests.claims.reports.reading import only_row
from tests.makers import make_claim, make_order, make_snapshot, top_up


@pytest.fixture
def tom(db):
    recognise([Mention(Named("tg-5"), "", timezone.now())], buyers={}, now=timezone.now())
    return CustomerId.objects.get(customer_id="tg-5").user


@pytest.fixture
def claim(tom):
    top_up(tom, "9.00")
    return make_claim(make_order(tom, sms=True), kind="major_defect")


def text(response):
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_the_notice_is_not_mailed_and_the_job_succeeds(claim, run_jobs, mailoutbox):
    run_jobs()

    assert {notice.state for notice in Notice.objects.all()} == {"unmailed"}
    assert mailoutbox == []


def test_the_customers_own_pages_work(claim, tom, browse):
    client = browse(tom)
    pages = {
        name: text(client.get(reverse(name)))
        for name in ("portal:orders", "portal:claims", "portal:credit", "portal:notices", "profile")
    }

    assert "Signed in as a customer without an address" in pages["portal:orders"]
    assert "so we don&#x27;t email it" in pages["portal:notices"] or (
        "so we don't email it" in pages["portal:notices"]
    )
    assert "The shop has told us no email address of yours." in pages["profile"]
    assert claim.code in text(client.get(claim.get_absolute_url()))
    moved = client.get(reverse("account_email"), follow=True)
    assert "To add one, write to the shop" in text(moved)


def test_the_review_page_says_so_and_names_the_id(claim, max_, browse):
    page = text(browse(max_).get(reverse("admin:claims_claim_review", args=[claim.pk])))

    assert "no address, customer id <bdi>tg-5</bdi>" in page
    assert "/customermerge/start/?first=tg-5" in page


def test_the_pages_of_staff_work(claim, tom, max_, browse):
    make_snapshot(tom.credit_accounts.get(), "8.00")
    client = browse(max_)
    story = text(client.get(reverse("admin:claims_event_story", args=[claim.pk])))
    balances = text(client.get(reverse("admin:accounts_balancesnapshot_changelist")))

    assert "of a customer without an address" in story
    assert "<bdi>tg-5</bdi>" in balances
    for name in ("claims_claim", "claims_order", "claims_notice", "accounts_user"):
        text(client.get(reverse(f"admin:{name}_changelist")))
    text(client.get(reverse("admin:claims_order_change", args=[claim.order_id])))


def test_a_link_to_all_their_claims_searches_by_the_id(claim, tom, max_, browse):
    other = make_claim(make_order(tom))

    page = text(browse(max_).get(reverse("admin:claims_claim_review", args=[claim.pk])))

    assert other.code in page
    assert "?status=all&amp;q=tg-5" in page


def test_the_export_has_an_empty_cell(claim):
    assert only_row()["customer_email"] == ""
