"""The jobs that mail two customers about a merge, and complete it a day later."""

from __future__ import annotations

import logging

from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from claims.actions.core.notice_outbox import MAIL_MERGE
from claims.actions.review.customer_merges import ask_merge, confirm_merge
from claims.jobs.review import complete_merges
from tests.makers import make_merge, make_user


def test_a_worker_mails_both_after_the_confirmation(ann, bob, max_, sue, run_jobs, mailoutbox):
    merge = ask_merge(
        merged_id=ann.pk, survivor_id=bob.pk, reason="One person.", by=max_, now=timezone.now()
    )
    confirm_merge(merge_id=merge.pk, by=sue, now=timezone.now())

    assert run_jobs() == [MAIL_MERGE, MAIL_MERGE]

    merge.refresh_from_db()
    assert sorted(mail.to for mail in mailoutbox) == [[ann.email], [bob.email]]
    assert merge.merged_mailed_at
    assert merge.survivor_mailed_at
    assert merge.due_at is not None


def test_due_merges_are_completed_and_others_wait(ann, bob, db):
    due = make_merge(ann, bob)
    fresh = make_merge(
        make_user("cleo@example.com"), make_user("dora@example.com"),
        survivor_mailed_at=timezone.now(),
    )  # fmt: skip

    complete_merges(0)

    for each, state in ((due, "done"), (fresh, "confirmed")):
        each.refresh_from_db()
        assert each.state == state


def test_one_that_is_refused_holds_up_no_other_and_is_logged(ann, bob, caplog):
    refused = make_merge(ann, bob)
    other = make_merge(make_user("cleo@example.com"), make_user("dora@example.com"))
    User.objects.filter(pk=bob.pk).update(is_staff=True)

    with caplog.at_level(logging.WARNING):
        complete_merges(0)

    refused.refresh_from_db()
    other.refresh_from_db()
    assert (refused.state, other.state) == ("confirmed", "done")
    assert f"Merge {refused.pk} isn't done: A member of staff can't be merged." in caplog.text
    assert not ProcrastinateJob.objects.filter(status="failed").exists()
