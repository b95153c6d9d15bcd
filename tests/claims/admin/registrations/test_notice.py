"""The list of mails to customers, from which staff send failed ones again."""

import pytest
from django.urls import reverse
from django.utils import timezone

from claims.models import Notice
from tests.makers import make_claim, make_order

LIST = reverse("admin:claims_notice_changelist")


@pytest.fixture
def notice(ann) -> Notice:
    found = Notice.objects.get(event__claim=make_claim(make_order(ann)))
    found.begin(address="ann@example.com", at=timezone.now())
    return found


def fail(notice):
    notice.settle("failed", problem="SMTPRecipientsRefused: no such mailbox")


def send_again(client, *notices):
    chosen = {"action": "send_again", "_selected_action": [each.pk for each in notices]}
    return client.post(LIST, chosen, follow=True)


def test_the_list_says_what_became_of_each_and_why(notice, sue, browse):
    fail(notice)

    page = browse(sue).get(f"{LIST}?state__exact=failed").content.decode()

    assert str(notice.event.claim) in page
    assert "no such mailbox" in page
    assert "Send the mails again" in page


def test_what_went_wrong_is_sent_again(notice, sue, browse, run_jobs, mailoutbox):
    fail(notice)

    page = send_again(browse(sue), notice).content.decode()

    notice.refresh_from_db()
    assert notice.state == "waiting"
    assert "1 mail will be sent again." in page
    run_jobs()
    notice.refresh_from_db()
    assert (notice.state, len(mailoutbox)) == ("sent", 1)


def test_what_is_on_its_way_stays_so_and_the_page_says_it(notice, sue, browse):
    page = send_again(browse(sue), notice).content.decode()

    notice.refresh_from_db()
    assert notice.state == "sending"
    assert "so it isn&#x27;t sent again" in page


def test_an_auditor_looks_and_sends_nothing(notice, otto, browse):
    fail(notice)
    client = browse(otto)

    assert "Send again" not in client.get(LIST).content.decode()
    send_again(client, notice)

    notice.refresh_from_db()
    assert notice.state == "failed"
