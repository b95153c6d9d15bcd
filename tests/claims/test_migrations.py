"""Migrations on a database that has been in use."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from claims.actions.customer.choices import choose_refund
from claims.actions.notices.delivery import send_notice
from claims.models import Claim, Event, Notice, Offer, Piece, Upload
from tests.makers import (
    ANSWERS,
    make_claim,
    make_order,
    make_staff,
    make_upload,
    make_user,
    newest_event,
)
from tests.reviewing import approve

pytestmark = pytest.mark.sampled(share=1 / 4)

BEFORE_THE_DESK = [("claims", "0010_one_answer_per_form")]
FILLED = ["service", "country", "supplier", "channel", "price_band", "due_at", "shown",
          "is_failing", "decision", "outcomes", "asked_at"]  # fmt: skip
BEFORE_OFFERS = [("claims", "0030_objections_checked")]
BEFORE_NOTICES = [("claims", "0032_fill_offers")]
BEFORE_PIECES = [("claims", "0003_staff_groups")]


def migrate(targets):
    executor = MigrationExecutor(connection)
    return executor.migrate(targets).apps


def test_files_that_wait_when_uploads_get_pieces_are_one_piece_each(
    real_commits, django_db_blocker
):
    with django_db_blocker.unblock():
        latest = MigrationExecutor(connection).loader.graph.leaf_nodes("claims")
        order = make_order(make_user("ann@example.com"))
        waiting, inspected = make_upload(order), make_upload(order, state="accepted")
        old = migrate(BEFORE_PIECES).get_model("claims", "Upload")
        old.objects.filter(pk=waiting.pk).update(spool_name="ab/abcd")

        migrate(latest)

        piece = Piece.objects.get()
        assert (piece.upload_id, piece.name, piece.offset) == (waiting.pk, "ab/abcd", 0)
        assert piece.size == waiting.size
        assert piece.sha256 == ""
        for upload in Upload.objects.filter(pk__in=[waiting.pk, inspected.pk]):
            assert upload.received == upload.size
            assert upload.removed_at is None


def test_what_is_offered_already_can_be_chosen_for_a_week(real_commits, django_db_blocker):
    with django_db_blocker.unblock():
        latest = MigrationExecutor(connection).loader.graph.leaf_nodes("claims")
        sue = make_staff("sue@example.com", "Support")
        order = make_order(make_user("ann@example.com"), sms=True)
        claim = make_claim(order, kind="major_defect")
        now = timezone.now()
        migrate(BEFORE_OFFERS)
        Claim.objects.filter(pk=claim.pk).update(status="offered")
        Event.objects.create(
            kind="offered", order=order, claim=claim, at=now, actor=sue, data={"note": "Another?"}
        )

        migrate(latest)

        offer = Offer.objects.get()
        assert (offer.claim, offer.by, offer.note, offer.made_at) == (claim, sue, "Another?", now)
        assert offer.answer_by >= now + timedelta(days=7)
        choose_refund(claim_id=claim.pk, by=order.customer, now=now)
        claim.refresh_from_db()
        assert (claim.status, claim.decision) == ("submitted", None)


def test_a_mail_that_waits_in_the_queue_becomes_a_notice_and_goes_out(
    real_commits, django_db_blocker, mailoutbox
):
    with django_db_blocker.unblock():
        latest = MigrationExecutor(connection).loader.graph.leaf_nodes("claims")
        claim = make_claim(make_order(make_user("ann@example.com")))
        migrate(BEFORE_NOTICES)

        migrate(latest)

        notice = Notice.objects.get()
        assert (notice.event.claim, notice.state) == (claim, "waiting")
        send_notice(event_id=notice.event_id, clock=timezone.now)
        assert [mail.to for mail in mailoutbox] == [["ann@example.com"]]


def test_claims_that_were_there_get_what_the_queue_sorts_by(real_commits, django_db_blocker):
    with django_db_blocker.unblock():
        latest = MigrationExecutor(connection).loader.graph.leaf_nodes("claims")
        _claims_of_every_sort()
        before = list(Claim.objects.order_by("pk").values(*FILLED))

        migrate(BEFORE_THE_DESK)
        migrate(latest)

        assert list(Claim.objects.order_by("pk").values(*FILLED)) == before
        assert {row["shown"] for row in before} == set(Claim.Shown.values)


def _claims_of_every_sort():
    ann, sue = make_user("ann@example.com"), make_staff("sue@example.com", "Support")
    make_claim(make_order(ann, price="0.50", channel="api", country="FR"))
    make_claim(make_order(ann, price="19.99", completed=True), kind="major_defect")
    for proofs in (("screenshot",), ("video",), ("screenshot", "video")):
        make_claim(make_order(ann, sms=True), kind="invalid_number", proofs=proofs)
    decided = make_claim(make_order(ann, price="30.00"))
    approve(
        claim_id=decided.pk, by=sue, seen=newest_event(decided), answers=ANSWERS, note="",
        now=timezone.now(),
    )  # fmt: skip
