from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from claims.models import Claim, Upload
from tests.makers import REASON, make_claim, make_order, make_top_up_order, make_upload
from tests.media import make_screenshot

UNMAPPED = {"service": "", "service_sent": "some-chat"}


def picture(name: str = "proof.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, make_screenshot(), content_type="text/html")


def url(order) -> str:
    return f"/orders/{order.shop_id}/claim/"


def choices(page) -> dict[str, list[str]]:
    """Return the kinds on the form, each with the clauses that bar it."""
    return {c.value: [bar.clause for bar in c.bars] for c in page.context["kinds"]}


def problems(page) -> list[tuple[str, str]]:
    return [(problem.anchor, problem.slug) for problem in page.context["problems"]]


def tokens(page) -> list[str]:
    return [tile.upload.token for tile in page.context["tiles"]]


def test_only_kinds_that_can_succeed_are_enabled(ann, ann_client):
    page = ann_client.get(url(make_order(ann, completed=True)))

    assert choices(page) == {
        "sms_not_received": ["activation-complete"],
        "invalid_number": [],
        "major_defect": [],
    }
    html = page.content.decode()
    assert 'value="sms_not_received" disabled' in html
    assert "please choose “Invalid number” instead" in html
    assert 'href="/policy/#activation-complete"' in html


def test_without_an_sms_the_invalid_number_kind_says_why_not(ann, ann_client):
    page = ann_client.get(url(make_order(ann, activation="banned", allotted=timedelta(days=1))))

    assert choices(page)["invalid_number"] == ["sms-received"]
    assert choices(page)["sms_not_received"] == []


def test_the_limits_of_files_are_told_before_any_is_sent(ann, ann_client):
    html = ann_client.get(url(make_order(ann, sms=True))).content.decode()

    assert "Up to 6 files" in html
    assert "HEIC; 10\N{NO-BREAK SPACE}MB each" in html
    assert "MKV; 100\N{NO-BREAK SPACE}MB and 3\N{NO-BREAK SPACE}minutes each" in html


def test_how_long_files_are_kept_is_told_where_they_are_chosen(ann, ann_client, settings):
    settings.EVIDENCE_RETENTION_DAYS = 90

    html = ann_client.get(url(make_order(ann, sms=True))).content.decode()

    assert "delete it 90 days after the claim is closed" in html


@pytest.mark.parametrize(
    ("number", "needs"),
    [
        ({"service": "telegram", "two_factor": True}, "A video is required for this number."),
        ({"service": "telegram"}, "If Telegram asks for a password, one of them must be a video."),
        ({"service": "whatsapp", "two_factor": True}, "At least one screenshot or video"),
        (UNMAPPED, "If the service asks for a password, please add a video."),
        (UNMAPPED, "Does the service ask for a password on this number?"),
        (UNMAPPED, "“some-chat” (unknown service)"),
    ],
)
def test_the_form_says_what_is_needed(ann, ann_client, number, needs):
    page = ann_client.get(url(make_order(ann, completed=True, **number)))

    assert needs in page.content.decode()


@pytest.mark.parametrize(
    ("number", "asked"),
    [
        ({"service": "telegram"}, True),
        ({"service": "telegram", "two_factor": True}, False),
        ({"service": "whatsapp"}, False),
        (UNMAPPED, True),
        (UNMAPPED | {"two_factor": True}, False),
    ],
)
def test_only_telegram_and_unknown_numbers_not_known_as_2fa_are_asked_for_a_password(
    ann, ann_client, number, asked
):
    page = ann_client.get(url(make_order(ann, completed=True, **number)))

    assert ("two_factor" in page.context["form"].fields) is asked


def test_an_order_that_cannot_be_claimed_shows_why_and_no_form(ann, ann_client):
    page = ann_client.get(url(make_top_up_order(ann)))

    assert [bar.clause for bar in page.context["bars"]] == ["top-up"]
    assert "<textarea" not in page.content.decode()


def test_an_order_with_an_open_claim_leads_to_it(ann, ann_client):
    claim = make_claim(make_order(ann, sms=True), kind="major_defect")

    page = ann_client.get(url(claim.order))

    assert claim.get_absolute_url() in page.content.decode()
    assert "<textarea" not in page.content.decode()


def test_the_check_shows_the_verdict_clause_by_clause_and_files_nothing(ann, send):
    page = send(make_order(ann, completed=True), files=[picture()])

    assert page.status_code == 200
    assert page.templates[0].name == "portal/check_claim.html"
    lines = {line.slug: line.tone for line in page.context["receipt"]}
    assert lines["claim-window"] == "met"
    assert lines["proof"] == "review"
    assert "failed" not in lines.values()
    assert not Claim.objects.exists()


def test_sending_files_the_claim_with_its_evidence(ann, send, run_jobs):
    order = make_order(ann, completed=True)
    checked = send(order, files=[picture()], submission=str(uuid4()))

    answer = send(order, step="send", token=tokens(checked))

    claim = Claim.objects.get(order=order)
    assert answer.url == claim.get_absolute_url()
    assert (claim.kind, claim.reason, claim.status) == ("invalid_number", REASON, "submitted")
    assert claim.terms_version == order.policy_version.terms_version
    assert [item.upload.original_name for item in claim.evidence.all()] == ["proof.png"]
    assert set(run_jobs()) == {
        "claims.inspect_upload",
        "claims.tell_customer",
        "claims.look_for_repeats",
    }
    assert claim.evidence.get().upload.state == Upload.State.ACCEPTED


def test_a_form_sent_twice_is_one_claim(ann, send):
    order = make_order(ann, sms=True)
    submission = str(uuid4())

    answers = [
        send(order, step=step, kind="major_defect", submission=submission)
        for step in ("send", "send", "check")
    ]

    assert {answer.url for answer in answers} == {Claim.objects.get().get_absolute_url()}


def test_two_forms_for_one_order_are_one_claim_and_a_clause(ann, send):
    order = make_order(ann, sms=True)
    send(order, step="send", kind="major_defect")

    second = send(order, step="send", kind="major_defect")

    assert second.status_code == 422
    assert problems(second) == [("", "one-live-claim")]
    assert Claim.objects.count() == 1


def test_everything_missing_is_said_at_once_and_the_text_is_kept(ann, send):
    order = make_order(ann, completed=True)

    page = send(order, reason="too short", terms="")

    assert page.status_code == 422
    assert problems(page) == [
        ("id_reason", "clear-reason"),
        ("id_terms", "terms"),
        ("id_files", "proof"),
    ]
    html = page.content.decode()
    assert "too short</textarea>" in html
    assert 'value="invalid_number" checked' in html
    assert 'href="/policy/#clear-reason"' in html


def test_without_a_kind_the_rest_is_judged_all_the_same(ann, send):
    page = send(make_order(ann, completed=True), kind="", reason="no")

    assert problems(page) == [("id_kind", ""), ("id_reason", "clear-reason")]


def test_a_telegram_number_with_a_password_needs_a_video(ann, send):
    order = make_order(ann, service="telegram", completed=True)

    asked = send(order, files=[picture()])
    refused = send(order, two_factor="yes")
    accepted = send(order, two_factor="no")

    assert problems(asked) == [("id_two_factor", "")]
    assert problems(refused) == [("id_files", "telegram-2fa-video")]
    assert accepted.templates[0].name == "portal/check_claim.html"


def test_the_answer_about_the_password_is_filed(ann, send):
    order = make_order(ann, service="telegram", sms=True)

    send(order, step="send", kind="major_defect", two_factor="yes")

    assert Claim.objects.get().customer_two_factor is True


def test_a_kind_that_the_page_disabled_is_refused_with_its_clause(ann, send):
    order = make_order(ann, completed=True)

    page = send(order, step="send", kind="sms_not_received")

    assert problems(page) == [("id_kind", "activation-complete")]
    assert not Claim.objects.exists()


def test_a_claim_sent_after_the_deadline_is_refused(ann, send):
    order = make_order(ann, sms=True, purchased_at=timezone.now() - timedelta(days=9))

    page = send(order, step="send", kind="major_defect", filed_at="2020-01-01")

    assert page.status_code == 422
    assert problems(page) == [("", "claim-window")]


def test_going_back_keeps_everything_and_judges_nothing(ann, send):
    order = make_order(ann, completed=True)
    send(order, files=[picture()])

    page = send(order, step="back", reason="Changed my mind.")

    assert page.status_code == 200
    assert page.context["problems"] == []
    assert "Changed my mind.</textarea>" in page.content.decode()
    assert len(tokens(page)) == 1


def test_a_file_is_removed_by_its_button_and_the_text_stays(ann, send):
    order = make_order(ann, completed=True)
    kept, removed = make_upload(order, name="kept.png"), make_upload(order, name="removed.png")

    page = send(order, step=f"remove:{removed.token}", reason="half a sen")

    assert tokens(page) == [kept.token]
    assert "half a sen</textarea>" in page.content.decode()
    removed.refresh_from_db()
    assert removed.state == Upload.State.REMOVED


def test_a_file_of_someone_else_can_be_neither_removed_nor_shown(ann, bob, send):
    theirs = make_upload(make_order(bob, completed=True))
    order = make_order(ann, completed=True)

    send(order, step=f"remove:{theirs.token}")
    page = send(order, step="send", token=[theirs.token])

    assert Upload.objects.filter(pk=theirs.pk).exists()
    assert page.status_code == 422
    assert not Claim.objects.exists()


def test_a_file_that_the_inspection_refused_is_left_out_and_says_why(ann, send):
    order = make_order(ann, completed=True)
    make_upload(order, state="refused", problem="damaged")

    page = send(order)

    assert problems(page) == [("id_files", "proof")]
    assert "This file is damaged or incomplete." in page.content.decode()


def test_a_file_of_which_only_a_part_is_here_is_no_part_of_the_claim(ann, send):
    order = make_order(ann, sms=True)
    half = Upload.objects.create(
        order=order, customer=ann, original_name="half.mp4", size=2_097_152, received=1_048_576,
        state="receiving", received_at=timezone.now(),
    )  # fmt: skip
    whole = make_upload(order)

    page = send(order)

    assert page.status_code == 200
    assert "half.mp4: only 1.0\xa0MB of 2.0\xa0MB arrived." in page.content.decode()
    assert [tile.upload for tile in page.context["tiles"]] == [whole]
    form = send(order, step="back").content.decode()
    assert f'data-upload="{half.token}"' in form
    assert 'data-size="2097152" data-received="1048576"' in form


def test_a_form_without_its_number_is_not_filed(ann, send):
    page = send(make_order(ann, sms=True), step="send", kind="major_defect", submission="x")

    assert page.status_code == 422
    assert not Claim.objects.exists()


def test_a_nul_in_the_reason_is_an_error_and_not_a_crash(ann, send):
    page = send(make_order(ann, sms=True), kind="major_defect", reason=REASON + "\0")

    assert page.status_code == 422
    assert not Claim.objects.exists()


@pytest.mark.parametrize(
    "text", ["31 April 2026, 12:30 UTC", "until 30 November 2026, 24:00 UTC", "100 % %s %(x)s {x}"]
)
def test_a_kind_that_reads_like_an_instant_is_an_error_that_names_it(ann, send, text):
    page = send(make_order(ann, completed=True), kind=text)

    assert page.status_code == 422
    assert text in page.context["form"].errors["kind"][0]
    assert not Claim.objects.exists()


def test_without_a_kind_one_message_asks_for_it(ann, send):
    page = send(make_order(ann, completed=True), kind="")

    texts = [problem.text for problem in page.context["problems"]]
    assert page.status_code == 422
    assert texts == ["Choose what went wrong."]


def test_without_a_kind_a_reason_that_is_too_short_is_named_too(ann, send):
    page = send(make_order(ann, completed=True), kind="", reason="bad")

    texts = [problem.text for problem in page.context["problems"]]
    assert len(texts) == 2
    assert "Choose what went wrong." in texts
    assert "choose" not in texts[1].casefold()


def test_what_was_changed_after_the_form_was_sent_is_told_to_be_missing(ann, send):
    order = make_order(ann, sms=True)
    words = {"step": "send", "kind": "major_defect", "reason": REASON, "terms": "on"}
    submission = str(uuid4())
    send(order, **words, submission=submission)

    page = send(order, **words | {"reason": REASON + " And more."}, submission=submission)

    told = [str(message) for message in get_messages(page.wsgi_request)]
    assert page.status_code == 302
    assert any("What you changed since isn't in it" in text for text in told)
    assert Claim.objects.get().reason == REASON
