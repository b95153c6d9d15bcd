from django.utils import timezone

from claims.models import Claim
from tests import reviewing
from tests.makers import ANSWERS, make_claim, make_order, newest_event


def test_withdrawing_ends_the_claim_and_twice_is_once(ann, ann_client):
    claim = make_claim(make_order(ann, sms=True), kind="major_defect")

    for _ in range(2):
        answer = ann_client.post(f"/claims/{claim.code}/withdraw/")

    claim.refresh_from_db()
    assert answer.url == claim.get_absolute_url()
    assert claim.status == Claim.Status.WITHDRAWN
    assert claim.events.filter(kind="withdrawn").count() == 1


def test_a_decided_claim_stays_decided_and_the_customer_is_told(ann, ann_client, sue):
    claim = make_claim(make_order(ann, sms=True), kind="major_defect")
    reviewing.approve(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), answers=ANSWERS, note="Yes.",
        now=timezone.now(),
    )  # fmt: skip

    answer = ann_client.post(f"/claims/{claim.code}/withdraw/", follow=True)

    claim.refresh_from_db()
    assert claim.status == Claim.Status.REFUNDED
    assert "This claim is closed: it was refunded" in answer.content.decode()


def test_looking_at_the_address_withdraws_nothing(ann, ann_client):
    claim = make_claim(make_order(ann, sms=True), kind="major_defect")

    assert ann_client.get(f"/claims/{claim.code}/withdraw/").status_code == 405
    claim.refresh_from_db()
    assert claim.is_open
