"""The cells of a row of the queue."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from claims.actions.core import claim_columns
from claims.actions.review import assignment
from claims.admin.badges import in_short
from claims.models import Approval, Claim, Lease, Upload
from claims.queries.review.queue_rows import rows_of
from tests.claims.admin.asking import show_thumbnail, text_of
from tests.makers import ANSWERS, make_claim, make_lease, make_order, newest_event
from tests.reviewing import approve


def test_a_row_says_all_at_a_glance(ann, sue, browse):
    order = make_order(ann, service="telegram", two_factor=True, sms=True, price="4.20")
    claim = make_claim(order, kind="invalid_number", proofs=("video",), state="waiting")
    Claim.objects.filter(pk=claim.pk).update(channel="api")
    claim_columns.refresh(Claim.objects.get(pk=claim.pk))

    shown = text_of(browse(sue))

    for words in (
        claim.code,
        reverse("admin:claims_claim_review", args=[claim.pk]),
        "Invalid number",
        order.shop_id,
        "Telegram",
        'role="img" aria-label="Germany"',
        "2FA",
        "API",
        "4.20 EUR",
        "23 h left",
        "submitted",
        'aria-label="Video (being checked)"',
        'aria-label="Time to file a claim: met"',
        'aria-label="Telegram 2FA numbers bought through the API: failed"',
        'aria-label="Your own software: for the reviewer"',
        "unassigned",
    ):
        assert words in shown, words


def test_outcomes_differ_by_more_than_their_colour(ann, sue, browse):
    claim = make_claim(make_order(ann, sms=True))
    Claim.objects.update(channel="api", service="telegram", staff_two_factor=True)
    claim_columns.refresh(Claim.objects.get(pk=claim.pk))

    shown = text_of(browse(sue))

    for css, sign in (("met", "●"), ("failed", "✕"), ("review", "?")):
        assert f'dot--{css}"' in shown
        assert f">{sign}</span>" in shown


def test_three_files_are_shown_small_and_the_rest_is_counted(ann, sue, browse):
    order = make_order(ann, sms=True)
    claim = make_claim(order, kind="invalid_number", proofs=("screenshot",) * 5)
    for upload in Upload.objects.all():
        show_thumbnail(upload)
        show_thumbnail(upload, "picture")

    shown = text_of(browse(sue))

    tokens = [item.upload.token for item in claim.evidence.all()]
    addresses = [reverse("portal:rendition", args=[token, "thumbnail"]) for token in tokens]
    assert [address in shown for address in addresses] == [True, True, True, False, False]
    assert "+2<" in shown


def test_without_a_small_picture_or_when_held_back_a_sign_stands_for_it(ann, sue, browse, settings):
    make_claim(make_order(ann, sms=True), kind="invalid_number", proofs=("screenshot",))
    assert 'aria-label="Picture"' in text_of(browse(sue))

    show_thumbnail(Upload.objects.get())
    settings.MALWARE_SCAN = "required"
    shown = text_of(browse(sue))

    assert 'aria-label="Picture (held back: not scanned for malware)"' in shown
    assert "<img src" not in shown


def test_it_says_who_has_a_claim_and_until_when(ann, sue, max_, browse):
    leased, assigned = make_claim(make_order(ann)), make_claim(make_order(ann))
    make_lease(leased, max_)
    assignment.assign(claim_ids=[assigned.pk], to=sue, by=max_, now=timezone.now())
    until = Lease.objects.get(claim=leased).until

    assert f"in progress with Max until {until:%H:%M}" in text_of(browse(sue))
    assert f"in progress with you until {until:%H:%M}" in text_of(browse(max_))
    assert '<span class="queue__under ">you</span>' in text_of(browse(sue))


def test_it_says_what_waits_for_a_second_person_and_what_was_seen_before(ann, sue, max_, browse):
    claim = make_claim(make_order(ann))
    approval = Approval.objects.create(
        claim=claim, outcome="refund", amount="2.50", currency="EUR", by=max_,
        made_at=timezone.now(),
    )  # fmt: skip
    assert "needs a second person" not in text_of(browse(sue))
    assert "seen before" not in text_of(browse(sue))
    Claim.objects.filter(pk=claim.pk).update(approval=approval, is_repeated=True)

    assert "needs a second person" in text_of(browse(sue))
    assert "seen before" in text_of(browse(sue))


def test_a_closed_claim_shows_what_its_receipt_says(ann, sue, browse):
    claim = make_claim(make_order(ann))
    approve(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), answers=ANSWERS, note="",
        now=timezone.now(),
    )  # fmt: skip

    shown = text_of(browse(sue), tab="closed")

    assert shown.count("dot--review") == 3
    assert "dot--failed" not in shown
    assert "closed 0 min ago" in shown


def test_a_row_agrees_with_the_review_page(ann, sue):
    order = make_order(ann, sms=True)
    claim = make_claim(order, kind="invalid_number", proofs=("screenshot",))
    make_claim(make_order(ann, sms=True), kind="invalid_number", proofs=("video",), state="waiting")

    claims = list(Claim.objects.all())
    rows = rows_of([one.pk for one in claims])

    assert [row.outcomes for row in rows] == [one.assess().in_short() for one in claims]
    assert "proof=for_reviewer" in rows[claims.index(claim)].outcomes


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=-5), "0 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=5, minutes=59), "5 h"),
        (timedelta(days=3, hours=4), "3 d 4 h"),
        (timedelta(days=2), "2 d"),
        (timedelta(days=40, hours=3), "40 d"),
    ],
)
def test_a_span_is_written_short(span, words):
    assert in_short(span) == words
