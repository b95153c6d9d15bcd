from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from claims import wording
from claims.actions.customer.withdrawal import withdraw_claim
from claims.actions.orders.automatic_returns import cancel_orders
from claims.actions.uploads.files import remove_files
from claims.models import Order, Rendition, Upload
from claims.wording.clauses import QUESTIONS
from tests.claims.admin.deciding import offered
from tests.makers import ANSWERS, make_claim, make_lease, make_order, newest_event
from tests.reviewing import approve, ask_for_evidence, reject

XSS = "<script>alert('hello')</script><img src=x onerror=alert(1)>"


def url_of(claim):
    return reverse("admin:claims_claim_review", args=[claim.pk])


def read(client, claim):
    response = client.get(url_of(claim))
    assert response.status_code == 200
    return response.content.decode()


def add_renditions(claim):
    for item in claim.evidence.all():
        roles = ["video", "poster"] if item.upload.kind == "video" else ["picture"]
        for role in ["thumbnail", *roles]:
            Rendition.objects.create(
                upload=item.upload,
                role=role,
                name=f"{item.upload.token}-{role}",
                media_type="video/mp4" if role == "video" else "image/webp",
                width=390,
                height=844,
                size=1,
                sha256="0" * 64,
            )


def test_the_page_tells_the_order_the_reason_and_every_clause(ann, sue, browse):
    order = make_order(ann, service="telegram", price="4.20", channel="web", sms=True)
    claim = make_claim(order, kind="invalid_number", proofs=("screenshot",))

    page = read(browse(sue), claim)

    for words in (
        claim.code,
        claim.reason,
        order.shop_id,
        order.number.formatted,
        "4.20 EUR",
        "SMS received",
        "Claims close",
        ann.email,
        order.policy_version.name,
        reverse("admin:claims_order_change", args=[order.pk]),
    ):
        assert words in page
    for finding in claim.assess().findings:
        assert wording.title(finding.clause) in page


def test_every_question_for_a_person_is_asked_and_no_other(ann, sue, browse):
    claim = make_claim(make_order(ann))
    make_lease(claim, sue)

    page = read(browse(sue), claim)

    asked = {finding.clause for finding in claim.assess().for_reviewer}
    for clause, words in QUESTIONS.items():
        assert (escape(str(words)) in page) is (clause in asked)
        assert page.count(f'name="answer-{clause}"') == (2 if clause in asked else 0)


def test_a_rejection_offers_only_clauses_that_fail_or_are_open(ann, sue, browse):
    claim = make_claim(make_order(ann))

    form = browse(sue).get(url_of(claim)).context["page"].form

    offered = [value for value, _label in form.fields["clause"].widget.choices]
    assert offered == ["", "terms", "server-side", "third-party"]


def test_what_changed_since_the_filing_is_shown_and_bars_the_approval(ann, sue, browse):
    order = make_order(ann, sms=True)
    claim = make_claim(order, kind="invalid_number", proofs=("screenshot",), state="waiting")
    make_lease(claim, sue)

    page = read(browse(sue), claim)

    assert "At the filing: <b>for the reviewer</b>" in page
    assert escape("It can't be approved while a clause fails.") in page
    assert "data-confirm disabled>Approve, return 2.50 EUR" in page


def test_pictures_and_videos_come_from_the_renditions(ann, sue, browse):
    order = make_order(ann, sms=True)
    claim = make_claim(order, kind="invalid_number", proofs=("screenshot", "video"))
    add_renditions(claim)
    picture, video = (item.upload.token for item in claim.evidence.all())

    page = read(browse(sue), claim)

    for role in ("picture", "thumbnail"):
        assert f'src="{reverse("portal:rendition", args=[picture, role])}"' in page
    assert f'poster="{reverse("portal:rendition", args=[video, "poster"])}"' in page
    assert f'src="{reverse("portal:rendition", args=[video, "video"])}"' in page
    assert f'src="{reverse("portal:rendition", args=[video, "thumbnail"])}"' in page
    assert (page.count("data-pane"), page.count("<video")) == (1, 1)
    assert "controls" in page


def test_the_inspection_is_told_with_what_it_found(ann, sue, browse):
    order = make_order(ann, sms=True)
    claim = make_claim(order, kind="invalid_number", proofs=("video",))
    upload = claim.evidence.get().upload
    upload.report = {
        "width": 390,
        "height": 844,
        "duration": 2.46,
        "codec": "hevc",
        "format": "mp4",
    }
    upload.save()

    page = read(browse(sue), claim)

    for words in ("390 × 844", "2.5 s", "hevc", upload.sha256, "proof.png", "accepted"):
        assert words in page


def test_a_refused_file_says_what_is_wrong_with_it(ann, sue, browse):
    order = make_order(ann, sms=True)
    claim = make_claim(order, kind="invalid_number", proofs=("screenshot",), state="waiting")
    upload = claim.evidence.get().upload
    upload.state, upload.problem = "refused", "damaged"
    upload.inspected_at = timezone.now()
    upload.save()

    assert "This file is damaged or incomplete." in read(browse(sue), claim)


def test_other_claims_of_the_customer_say_how_they_ended(ann, bob, sue, browse):
    claim, other = make_claim(make_order(ann)), make_claim(make_order(ann))
    strangers = make_claim(make_order(bob))
    reject(
        claim_id=other.pk,
        by=sue,
        seen=newest_event(other),
        answers={},
        clause="server-side",
        note="It arrived.",
        now=timezone.now(),
    )

    page = read(browse(sue), claim)

    assert other.code in page
    assert "rejected (server-side)" in page
    assert strangers.code not in page


def test_messages_and_events_tell_who_said_and_did_what(ann, sue, max_, browse):
    claim = make_claim(make_order(ann))
    ask_for_evidence(
        claim_id=claim.pk,
        by=sue,
        seen=newest_event(claim),
        note="Please send a video.",
        now=timezone.now(),
    )

    page = read(browse(max_), claim)

    assert "Sue (staff)" in page
    assert "Please send a video." in page
    assert "More evidence asked for" in page


def test_a_refund_is_shown_with_its_receipt_and_credit_line(ann, sue, otto, browse):
    claim = make_claim(make_order(ann, price="3.40"))
    decision = approve(
        claim_id=claim.pk,
        by=sue,
        seen=newest_event(claim),
        answers=ANSWERS,
        note="Our outage.",
        now=timezone.now(),
    )

    page = read(browse(sue), claim)

    for words in (
        "Decided: refund",
        "By Sue",
        "Our outage.",
        "The clauses at the decision",
        "3.40 EUR",
        decision.transfer.key,
        "Answered: <b>yes</b>",
    ):
        assert words in page
    assert offered(page) == []


def test_a_rejection_names_its_clause_and_section(ann, sue, browse):
    claim = make_claim(make_order(ann))
    reject(
        claim_id=claim.pk,
        by=sue,
        seen=newest_event(claim),
        answers={},
        clause="terms",
        terms_section="4.2",
        note="Resold.",
        now=timezone.now(),
    )

    page = read(browse(sue), claim)

    assert "Decided: rejection" in page
    assert "Terms and return policy, section 4.2" in page
    assert "Resold." in page


def test_a_claim_that_closed_without_a_decision_says_so(ann, bob, sue, browse):
    withdrawn = make_claim(make_order(ann))
    withdraw_claim(claim_id=withdrawn.pk, by=ann, now=timezone.now())
    order = make_order(bob, price="6.10")
    returned = make_claim(order)
    cancel_orders([order], now=timezone.now(), by=None)

    assert "Closed without a decision: withdrawn" in read(browse(sue), withdrawn)
    page = read(browse(sue), returned)
    assert "Closed without a decision: refunded" in page
    assert "6.10 EUR" in page
    assert f"charge:{order.charge_id}:return" in page


def test_a_late_sms_and_an_overdue_remedy_are_flagged(ann, sue, browse):
    bought = timezone.now() - timedelta(days=7)
    order = make_order(ann, purchased_at=bought, sms=True)
    claim = make_claim(order, kind="major_defect", now=bought + timedelta(hours=1))
    Order.objects.filter(pk=order.pk).update(late_sms_at=timezone.now())

    page = read(browse(sue), claim)

    assert "late SMS" in page
    assert "remedy due" in page


def test_an_auditor_reads_everything_and_is_offered_nothing(ann, otto, browse):
    page = read(browse(otto), make_claim(make_order(ann)))

    assert "The clauses now" in page
    assert offered(page) == []


def test_nobody_is_offered_to_decide_a_claim_of_their_own(sue, browse):
    page = read(browse(sue), make_claim(make_order(sue)))

    assert "This claim is your own." in page
    assert offered(page) == []


def test_reports_and_customers_do_not_see_the_page(ann, bob, rita, browse):
    claim = make_claim(make_order(ann))

    assert browse(rita).get(url_of(claim)).status_code == 403
    assert browse(ann).get(url_of(claim)).status_code == 302
    assert browse(bob).get(url_of(claim)).status_code == 302


def test_a_claim_that_is_not_there_is_not_found(sue, browse):
    assert browse(sue).get("/admin/claims/claim/987654/review/").status_code == 404


def test_nothing_that_a_customer_writes_becomes_markup(ann, sue, browse):
    ann.display_name = XSS[:80]
    ann.save()
    order = make_order(ann, sms=True)
    claim = make_claim(order, kind="invalid_number", proofs=("screenshot",), reason=XSS)
    upload = claim.evidence.get().upload
    upload.original_name = XSS
    upload.save()
    claim.messages.create(author=ann, from_staff=False, body=XSS, sent_at=timezone.now())
    claim.events.create(
        order=order, kind="evidence_accepted", at=timezone.now(), data={"file": XSS, "note": XSS}
    )

    page = read(browse(sue), claim)
    queue = browse(sue).get(reverse("admin:claims_claim_changelist"), {"q": XSS})

    assert "alert(&#x27;hello&#x27;)" in page
    for text in (page, queue.content.decode()):
        assert "<script>alert" not in text
        assert "<img src=x" not in text


def test_no_inline_script_or_style_is_on_the_page(ann, sue, browse):
    order = make_order(ann, sms=True)
    claim = make_claim(order, kind="invalid_number", proofs=("screenshot", "video"))
    add_renditions(claim)

    page = read(browse(sue), claim)

    assert "style=" not in page
    assert "<style" not in page
    assert "<script>" not in page
    assert " onclick" not in page


def test_the_page_costs_as_many_queries_for_six_files_and_nine_claims_as_for_one(ann, sue, browse):
    client = browse(sue)
    small = make_claim(make_order(ann, sms=True), kind="invalid_number", proofs=("screenshot",))
    large = make_claim(
        make_order(ann, sms=True),
        kind="invalid_number",
        proofs=("screenshot", "video") * 3,
    )
    add_renditions(small)
    add_renditions(large)

    def cost(claim):
        with CaptureQueriesContext(connection) as queries:
            read(client, claim)
        return len(queries)

    first = cost(small)
    for _ in range(8):
        make_claim(make_order(ann))
    for _ in range(5):
        large.messages.create(author=ann, from_staff=False, body="Hello?", sent_at=timezone.now())

    assert cost(large) == first
    assert first <= 30


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_page_is_only_read(method, ann, sue, browse):
    claim = make_claim(make_order(ann))

    assert getattr(browse(sue), method)(url_of(claim)).status_code == 405


def test_the_code_that_was_asked_for_stands_beside_the_evidence_and_judges_nothing(
    ann, sue, browse
):
    order = make_order(ann, completed=True)
    claim = make_claim(order, kind="invalid_number", proofs=("screenshot",))

    page = read(browse(sue), claim)

    assert "The picture or the video should show this code" in page
    assert claim.proof_code in page
    assert "its absence proves nothing" in page


def test_a_claim_that_was_asked_for_no_code_says_nothing_of_one(ann, sue, browse):
    claim = make_claim(make_order(ann, completed=True), kind="major_defect")

    assert "should show this code" not in read(browse(sue), claim)


def test_files_whose_time_was_over_leave_a_line(ann, sue, browse):
    claim = make_claim(
        make_order(ann, completed=True), kind="invalid_number", proofs=("screenshot",)
    )
    add_renditions(claim)
    withdraw_claim(claim_id=claim.pk, by=ann, now=timezone.now())
    with transaction.atomic():
        upload = Upload.objects.select_for_update().get()
        remove_files(upload, now=timezone.now() + timedelta(days=180))

    page = read(browse(sue), claim)

    assert "this line stays" in page
    assert upload.sha256 in page
    assert reverse("portal:rendition", args=[upload.token, "picture"]) not in page
