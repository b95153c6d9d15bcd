from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from claims.actions.core import events
from claims.actions.customer import evidence, filing, withdrawal
from claims.actions.orders import automatic_returns
from claims.actions.review import deadlines
from claims.actions.uploads import files, inspection
from claims.models import Claim, Event, Upload
from claims.portal.claims import claim_stories
from tests import reviewing
from tests.makers import ANSWERS, make_claim, make_order, make_upload, newest_event
from tests.media import make_screenshot, make_video


@pytest.fixture
def claim(ann) -> Claim:
    return make_claim(make_order(ann, completed=True), kind="invalid_number", proofs=("video",))


def look(client, claim: Claim):
    page = client.get(claim.get_absolute_url())
    assert page.status_code == 200
    return page


def test_an_open_claim_says_where_it_stands_and_what_comes_next(claim, ann_client):
    page = look(ann_client, claim)

    assert page.context["standing"].title == "Being reviewed"
    assert "There is nothing for you to do" in page.context["standing"].next
    assert claim.reason in page.content.decode()
    assert [moment.title for moment in page.context["timeline"]] == ["You filed the claim"]


def test_the_receipt_of_the_filing_is_shown_clause_by_clause(claim, ann_client):
    page = look(ann_client, claim)

    tones = {line.slug: line.tone for line in page.context["receipt_lines"]}
    assert tones["claim-window"] == "met"
    assert tones["proof"] == "review"
    assert page.context["receipt"].occasion == "filed"
    assert 'href="/policy/#proof"' in page.content.decode()


def test_evidence_shows_the_state_of_its_inspection(ann, ann_client, run_jobs):
    order = make_order(ann, completed=True)
    tokens = [
        make_upload(order, content=make_screenshot(), name="good.png").token,
        make_upload(order, content=make_video(), kind="video", name="good.mp4").token,
        make_upload(order, content=b"broken", name="broken.png").token,
    ]
    claim = filing.file_claim(
        order_id=order.pk, by=ann, kind="invalid_number", reason="It says that it is banned.",
        customer_two_factor=False, terms_accepted=True, uploads=tokens,
        submission="6f1b8a52-5b0c-4a39-8d8c-6d9f4f6b2c11", now=timezone.now(),
    )  # fmt: skip
    before = look(ann_client, claim)
    run_jobs()
    after = look(ann_client, claim)

    assert all(tile.is_waiting for tile in before.context["evidence"])
    assert "We are checking your files" in before.context["standing"].next
    picture, video, broken = after.context["evidence"]
    assert picture.thumbnail == picture.full == f"/evidence/{tokens[0]}/picture/"
    assert (video.thumbnail, video.full) == (
        f"/evidence/{tokens[1]}/poster/", f"/evidence/{tokens[1]}/video/",
    )  # fmt: skip
    assert broken.is_refused
    assert not broken.thumbnail
    assert after.context["standing"].title == "Waiting for you"
    claim.refresh_from_db()
    assert after.context["answer_until"] == claim.asked_at + timedelta(days=7)
    assert "Time to answer: " in after.content.decode()
    assert broken.upload.problem_in_words in after.context["wanted"][0]
    page = after.content.decode()
    assert page.count(f'<img src="/evidence/{tokens[0]}/picture/"') == 1
    assert page.count(f'src="/evidence/{tokens[1]}/video/"') == 1
    assert "/thumbnail/" not in page


def test_a_file_that_takes_long_to_check_says_how_far_it_is(ann, ann_client):
    upload = make_upload(make_order(ann, completed=True), kind="video")
    claim = filing.file_claim(
        order_id=upload.order_id, by=ann, kind="invalid_number",
        reason="It says that it is banned.", customer_two_factor=False, terms_accepted=True,
        uploads=[upload.token], submission=uuid4(), now=timezone.now(),
    )  # fmt: skip
    before = look(ann_client, claim).content.decode()

    inspection.show_progress(upload, 37)

    assert "Being checked</span>" in before
    assert "Being checked 37 %</span>" in look(ann_client, claim).content.decode()


def test_a_request_of_the_reviewers_stands_at_the_top(claim, ann_client, sue):
    reviewing.ask_for_evidence(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), note="Show the number, please.",
        now=timezone.now(),
    )  # fmt: skip

    page = look(ann_client, claim)

    assert page.context["wanted"] == ["Show the number, please."]
    assert "Your answer" in page.content.decode()
    assert "Sue" not in page.content.decode()


def test_an_approval_shows_its_answers_its_note_and_the_credit_line(claim, ann_client, sue):
    decision = reviewing.approve(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), answers=ANSWERS, note="It shows it.",
        now=timezone.now(),
    )  # fmt: skip

    page = look(ann_client, claim)

    lines = {line.slug: line for line in page.context["receipt_lines"]}
    assert page.context["receipt"].occasion == "decided"
    assert (lines["proof"].tone, lines["proof"].answer) == (
        "met", "Our support team answered: yes.",
    )  # fmt: skip
    html = page.content.decode()
    assert "It shows it." in html
    assert "+2.50\N{NO-BREAK SPACE}EUR" in html
    assert f"/credit/?transfer={decision.transfer_id}#transfer-{decision.transfer_id}" in html
    assert "Withdraw" not in html


def test_a_rejection_names_its_clause_and_leaves_room_for_another_claim(claim, ann_client, sue):
    reviewing.reject(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), answers={}, clause="third-party",
        note="It shows a plugin.", now=timezone.now(),
    )  # fmt: skip

    page = look(ann_client, claim)

    lines = {line.slug: line.tone for line in page.context["receipt_lines"]}
    assert lines["third-party"] == "failed"
    html = page.content.decode()
    assert "It shows a plugin." in html
    assert 'href="/policy/#third-party"' in html
    assert "File another claim" in html


def test_a_price_that_returned_by_itself_shows_its_line(ann, ann_client):
    order = make_order(ann, activation="waiting")
    claim = make_claim(order, kind="major_defect")
    automatic_returns.cancel_and_return(order_id=order.pk, by=ann, now=timezone.now())

    page = look(ann_client, claim)

    assert page.context["standing"].title == "Credit returned"
    order.refresh_from_db()
    line = f"/credit/?transfer={order.return_transfer_id}#transfer-{order.return_transfer_id}"
    assert "The price went back by itself" in page.content.decode()
    assert line in page.content.decode()


def test_a_major_defect_shows_until_when_it_may_be_resolved(ann, ann_client):
    claim = make_claim(make_order(ann, sms=True), kind="major_defect")

    page = look(ann_client, claim)

    assert page.context["repair_until"] == claim.filed_at + timedelta(days=5)


def test_messages_are_shown_with_who_wrote_them(claim, ann, ann_client):
    evidence.add_evidence(
        claim_id=claim.pk, by=ann, uploads=[], message="<b>Any news?</b>",
        submission=uuid4(), now=timezone.now(),
    )  # fmt: skip

    html = look(ann_client, claim).content.decode()

    assert "&lt;b&gt;Any news?&lt;/b&gt;" in html


def test_the_page_asks_as_many_queries_for_six_files_as_for_one(
    ann, ann_client, django_assert_num_queries
):
    few = make_claim(make_order(ann, completed=True), kind="invalid_number", proofs=("video",))
    many = make_claim(make_order(ann, completed=True), kind="invalid_number", proofs=("video",) * 6)

    for claim in (few, many):
        with django_assert_num_queries(11):
            look(ann_client, claim)


def test_a_file_whose_time_was_over_leaves_a_line_with_its_hash(ann, ann_client, run_jobs):
    order = make_order(ann, completed=True)
    kept = make_upload(order, content=make_screenshot(), name="kept.png")
    gone = make_upload(order, content=make_screenshot(), name="gone.png")
    claim = filing.file_claim(
        order_id=order.pk, by=ann, kind="invalid_number", reason="It says that it is banned.",
        customer_two_factor=False, terms_accepted=True, uploads=[kept.token, gone.token],
        submission="6f1b8a52-5b0c-4a39-8d8c-6d9f4f6b2c12", now=timezone.now(),
    )  # fmt: skip
    run_jobs()
    now = timezone.now()
    withdrawal.withdraw_claim(claim_id=claim.pk, by=ann, now=now)
    with transaction.atomic():
        locked = Upload.objects.select_for_update().get(pk=gone.pk)
        files.remove_files(locked, now=now + timedelta(days=180, hours=3))
        event = events.record(claim, Event.Kind.EVIDENCE_REMOVED, at=now, actor=None)

    page = look(ann_client, claim)

    html = page.content.decode()
    assert [tile.upload for tile in page.context["evidence"]] == [kept]
    assert [(line.upload, line.days) for line in page.context["removed"]] == [(gone, 180)]
    assert "180 days after the claim was closed" in html
    assert gone.sha256[:12] in html
    assert gone.token not in html
    assert claim_stories.timeline([event])[0].title.startswith("The files of this claim")


def test_where_every_file_is_removed_the_page_does_not_say_that_none_was_sent(
    claim, ann, ann_client
):
    withdrawal.withdraw_claim(claim_id=claim.pk, by=ann, now=timezone.now())
    with transaction.atomic():
        files.remove_files(Upload.objects.select_for_update().get(), now=timezone.now())

    html = look(ann_client, claim).content.decode()

    assert "You sent none" not in html
    assert "0 days after the claim was closed" in html


def test_a_claim_that_time_has_ended_says_so(ann, sue, ann_client):
    claim = make_claim(make_order(ann))
    now = timezone.now() + timedelta(seconds=1)
    reviewing.ask_for_evidence(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), note="Show it.", now=now
    )
    deadlines.remind(claim_id=claim.pk, now=now + timedelta(days=2))
    deadlines.give_up(claim_id=claim.pk, now=now + timedelta(days=7))

    page = look(ann_client, claim)

    assert [moment.title for moment in page.context["timeline"]][-2:] == [
        "We reminded you",
        "The claim ended, as no answer came",
    ]
    assert page.context["standing"].title == "Rejected"
    assert "no answer came within 7 days" in page.content.decode()


def test_staff_see_that_the_system_decided(ann, sue, client):
    claim = make_claim(make_order(ann))
    now = timezone.now() + timedelta(seconds=1)
    reviewing.ask_for_evidence(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), note="Show it.", now=now
    )
    deadlines.remind(claim_id=claim.pk, now=now + timedelta(days=2))
    deadlines.give_up(claim_id=claim.pk, now=now + timedelta(days=7))
    client.force_login(sue)

    page = client.get(reverse("admin:claims_claim_review", args=[claim.pk])).content.decode()

    assert "By The system on" in page
    assert "The system has decided this claim: rejection." in page
