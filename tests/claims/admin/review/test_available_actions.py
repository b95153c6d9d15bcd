"""The actions that the review page offers to each person, and the effect of each button."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from accounts.models import CreditAccount, CreditTransfer
from claims.actions.customer import appeals
from claims.actions.review import approvals, repairs
from claims.actions.review.offers import offer_replacement
from claims.models import Approval, ApprovalLimit, Claim, Decision, Event, Lease, Order
from tests.claims.actions.review import replacement_requests
from tests.claims.admin.deciding import errors_of, offered, press
from tests.makers import ANSWERS, make_claim, make_lease, make_order, make_upload, newest_event
from tests.reviewing import reject

EVERYWHERE = {"approve", "reject", "ask", "reply"}
XSS = "<script>alert('hello')</script><img src=x onerror=alert(1)>"


def read(client, claim) -> str:
    response = client.get(reverse("admin:claims_claim_review", args=[claim.pk]))
    assert response.status_code == 200
    page: str = response.content.decode()
    return page


def offers(client, claim, holder) -> set[str]:
    make_lease(claim, holder)
    return set(offered(read(client, claim)))


def defect(customer) -> Claim:
    return make_claim(make_order(customer, sms=True, price="3.00"), kind="major_defect")


def written(claim, by) -> dict[str, Any]:
    make_lease(claim, by)
    words = {"seen": newest_event(claim), "note": "A word.", "now": timezone.now()}
    return {"claim_id": claim.pk, "by": by} | words


def balance(user) -> Decimal | None:
    return CreditAccount.objects.get(owner=user).balance


def test_support_is_offered_what_fits_a_claim_without_a_defect(ann, sue, browse):
    claim = make_claim(make_order(ann))

    assert offers(browse(sue), claim, sue) == EVERYWHERE


def test_a_supervisor_is_offered_goodwill_too(ann, max_, browse):
    claim = make_claim(make_order(ann))

    assert offers(browse(max_), claim, max_) == EVERYWHERE | {"goodwill"}


def test_a_defect_can_be_repaired_or_replaced(ann, sue, browse):
    claim = defect(ann)
    assert offers(browse(sue), claim, sue) == EVERYWHERE | {"offer", "start-repair"}

    repairs.start_repair(**written(claim, sue))
    assert offers(browse(sue), claim, sue) == EVERYWHERE | {"repaired", "unrepairable"}

    repairs.give_up_repair(**written(claim, sue))
    offer_replacement(**written(claim, sue), answers=ANSWERS)
    assert offers(browse(sue), claim, sue) == {"approve", "reply"}


@pytest.mark.parametrize(
    ("what", "status"),
    [("start-repair", "repairing"), ("offer", "offered"), ("reply", "submitted")],
)
def test_a_step_short_of_a_decision_moves_the_claim(what, status, ann, sue, browse):
    claim = defect(ann)

    response = press(browse(sue), what, claim, note="We are on it.")

    claim.refresh_from_db()
    assert response.status_code == 302
    assert claim.status == status
    assert claim.messages.get().body == "We are on it."
    assert not Decision.objects.exists()


def test_a_repair_that_works_and_one_that_does_not(ann, bob, sue, browse):
    client, good, bad = browse(sue), defect(ann), defect(bob)
    for claim in (good, bad):
        press(client, "start-repair", claim)

    press(client, "repaired", good, note="It works again.")
    press(client, "unrepairable", bad)

    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.status, good.decision.outcome) == ("repaired", "repair")
    assert bad.status == "submitted"
    assert bad.due_at <= timezone.now()


def test_goodwill_is_the_supervisors_and_at_most_the_price(ann, sue, max_, browse):
    claim = make_claim(make_order(ann, price="3.00"))

    assert press(browse(sue), "goodwill", claim, amount="1.00", note="Sorry.").status_code == 403
    press(browse(sue), "release", claim)
    more = press(browse(max_), "goodwill", claim, amount="3.01", note="Sorry.")
    assert more.status_code == 422
    assert "must be between 0.01 and 3.00 EUR" in errors_of(more)[0]
    assert more.context["page"].form["amount"].value() == "3.01"
    assert '<details class="act" name="act" data-act="goodwill"' in more.content.decode()
    press(browse(max_), "goodwill", claim, amount="1.25", note="Sorry.")

    claim.refresh_from_db()
    assert claim.decision.outcome == Decision.Outcome.GOODWILL
    assert balance(ann) == Decimal("1.25")
    assert CreditTransfer.objects.get(kind="goodwill").amount == Decimal("1.25")


def rejected(customer, by) -> Claim:
    claim = make_claim(make_order(customer))
    reject(
        claim_id=claim.pk, by=by, seen=newest_event(claim), answers={}, clause="server-side",
        note="It arrived.", now=timezone.now(),
    )  # fmt: skip
    return claim


def test_a_rejected_claim_is_reopened_once_by_a_supervisor(ann, sue, max_, browse):
    claim = rejected(ann, sue)
    assert "reopen" not in offered(read(browse(sue), claim))
    assert press(browse(sue), "reopen", claim, note="Why not.").status_code == 403
    assert offered(read(browse(max_), claim)) == ["reopen"]

    without = press(browse(max_), "reopen", claim, note="")
    assert (without.status_code, errors_of(without)) == (
        422,
        ["Write a note: the customer reads it."],
    )
    assert press(browse(max_), "reopen", claim, note="We look again.").status_code == 302

    claim.refresh_from_db()
    assert claim.status == Claim.Status.SUBMITTED
    press(browse(sue), "reject", claim, clause="server-side", note="Still not.")
    assert offered(read(browse(max_), claim)) == []
    assert press(browse(max_), "reopen", claim, note="Once more.").status_code == 422


@pytest.fixture
def two_people(db) -> ApprovalLimit:
    return ApprovalLimit.objects.create(currency="EUR", amount="50.00")


def test_above_the_limit_the_first_approval_is_shown_to_the_second(
    ann, sue, max_, browse, two_people
):
    claim = make_claim(make_order(ann, price="80.00"))
    make_lease(claim, sue)
    before = read(browse(sue), claim)
    assert "More than 50.00 EUR takes two people." in before
    assert "Approve 80.00 EUR as the first of two" in before

    press(browse(sue), "approve", claim, note="Our outage, on the eighth.")

    assert balance(ann) == 0
    assert Approval.objects.get().by == sue
    mine = press(browse(sue), "approve", claim)
    assert mine.status_code == 422
    assert "You have approved this already." in errors_of(mine)[0]
    assert "You approved it first." in mine.content.decode()
    press(browse(sue), "release", claim)
    make_lease(claim, max_)
    page = read(browse(max_), claim)
    for words in (
        "First approval: 80.00 EUR as refund",
        "By Sue on",
        "Sue has approved it first",
        "A cause on our side",
        "Our outage, on the eighth.</textarea>",
        "Approve, return 80.00 EUR",
    ):
        assert words in page
    press(browse(max_), "approve", claim, note="Our outage, on the eighth.")
    assert balance(ann) == Decimal("80.00")
    assert Decision.objects.get().by == max_
    assert Decision.objects.get().approval.by == sue


def test_at_the_limit_one_person_is_enough(ann, sue, browse, two_people):
    claim = make_claim(make_order(ann, price="50.00"))
    make_lease(claim, sue)

    assert "takes two people" not in read(browse(sue), claim)
    press(browse(sue), "approve", claim)
    assert balance(ann) == Decimal("50.00")


def test_corrected_facts_are_assessed_again_and_shown_before_and_after(ann, sue, browse):
    claim = make_claim(make_order(ann, service="whatsapp", sms=True), kind="major_defect")
    client = browse(sue)

    without = press(client, "correct", claim, service="telegram", channel="api", why="")
    assert without.status_code == 422
    assert errors_of(without) == ["Write why, for your colleagues."]
    assert without.context["page"].form["service"].value() == "telegram"
    assert '<details class="fold" open>' in without.content.decode()
    response = press(
        client, "correct", claim, service="telegram", channel="api", two_factor="on", why="I asked."
    )

    claim.refresh_from_db()
    assert response.status_code == 302
    assert (claim.service, claim.channel, claim.staff_two_factor) == ("telegram", "api", True)
    page = read(client, claim)
    for words in (
        "Service: <del>whatsapp</del> → <ins>telegram</ins>",
        "Bought through: <del>web</del> → <ins>api</ins>",
        "2FA, says staff: <del>no</del> → <ins>yes</ins>",
        "Clauses that fail: <del>none</del> → <ins>Telegram 2FA numbers bought through the API",
        "I asked.",
        "sold as WhatsApp",
        "sold by web",
        "yes, says staff",
        escape("It can't be approved while a clause fails."),
    ):
        assert words in page


def test_a_refusal_keeps_all_that_was_typed_anywhere(ann, sue, max_, browse):
    claim = make_claim(make_order(ann))
    typed = {
        "note": "For the customer.",
        "internal": "For a colleague.",
        "why": "Because.",
        "clause": "third-party",
        "terms_section": "4.2",
        "answer-server-side": "failed",
    }

    response = press(browse(sue), "approve", claim, **typed)

    form = response.context["page"].form
    assert response.status_code == 422
    assert {name: form[name].value() for name in typed} == typed
    assert "For a colleague.</textarea>" in response.content.decode()


def test_who_lost_the_claim_keeps_what_was_typed_and_takes_it_again(ann, sue, max_, browse):
    claim = make_claim(make_order(ann))
    make_lease(claim, max_)
    typed = {"note": "Half a sentence", "answer-server-side": "met", "clause": "third-party"}

    refused = press(browse(sue), "approve", claim, **typed)

    page = refused.content.decode()
    assert refused.status_code == 409
    assert "Max has been working on this claim since" in errors_of(refused)[0]
    assert "Half a sentence</textarea>" in page
    assert '<option value="third-party" selected>' in page
    assert offered(page) == []
    claim.lease.delete()
    again = press(browse(sue), "take", claim, keep="1", **typed)
    assert again.status_code == 200
    assert "Half a sentence</textarea>" in again.content.decode()
    assert set(offered(again.content.decode())) == EVERYWHERE
    assert claim.decisions.count() == 0


def test_who_came_too_late_keeps_the_words(ann, sue, max_, browse):
    claim = make_claim(make_order(ann))
    seen = newest_event(claim)
    press(browse(sue), "approve", claim)

    response = press(browse(max_), "reject", claim, seen=seen, clause="terms", note="My words.")

    assert response.status_code == 409
    assert "My words.</textarea>" in response.content.decode()


def test_hostile_words_of_staff_stay_words(ann, sue, max_, browse):
    claim = make_claim(make_order(ann))
    client = browse(sue)
    press(client, "note", claim, internal=XSS)
    press(client, "correct", claim, two_factor="on", why=XSS)
    ApprovalLimit.objects.create(currency="EUR", amount="1.00")
    press(client, "approve", claim, note=XSS)

    pages = [read(browse(max_), claim)]
    pages.append(press(browse(max_), "reject", claim, clause=XSS[:24], note=XSS).content.decode())

    assert Event.objects.filter(kind="approved_first").exists()
    for page in pages:
        assert page.count("alert(&#x27;hello&#x27;)") >= 3
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_it_costs_as_many_queries_with_twelve_files_and_twenty_claims(ann, sue, browse):
    few = make_claim(make_order(ann), proofs=("screenshot",))
    many = make_claim(make_order(ann), proofs=("screenshot", "video") * 3)
    for kind in ("screenshot", "video") * 3:
        upload = make_upload(many.order, kind=kind, state="accepted")
        many.evidence.create(upload=upload, added_at=timezone.now())
    client = browse(sue)
    for claim in (few, many):
        make_lease(claim, sue)

    def count(claim) -> int:
        with CaptureQueriesContext(connection) as captured:
            read(client, claim)
        return len(captured)

    first = count(few)
    for turn in range(20):
        make_claim(make_order(ann), now=timezone.now() - timedelta(minutes=turn))
        many.messages.create(author=ann, from_staff=False, body="Hm?", sent_at=timezone.now())
        many.notes.create(author=sue, body="Hm.", written_at=timezone.now())
    assert count(many) == first
    assert first <= 36, first


def test_whoever_decided_before_an_appeal_sees_who_decides_now(ann, sue, max_, browse):
    claim = rejected(ann, sue)
    appeals.appeal(
        claim_id=claim.pk, by=ann, uploads=[], submission=uuid4(), now=timezone.now(),
        message="Their log shows that it was never delivered.",
    )  # fmt: skip

    def barred(who):
        Lease.objects.all().delete()
        make_lease(claim, who)
        page = browse(who).get(reverse("admin:claims_claim_review", args=[claim.pk]))
        offered = page.context["page"].acts
        assert len(offered) >= 4
        return {act.name for act in offered if act.barred == approvals.JUDGED}

    assert barred(sue) == {"approve", "reject"}
    assert barred(max_) == set()


def test_while_the_shop_is_asked_for_a_replacement_one_can_only_write(ann, sue, max_, browse):
    claim = replacement_requests.make_defect(ann)
    replacement_requests.request(claim, sue)
    make_lease(claim, max_, now=timezone.now() + timedelta(minutes=6))

    page = read(browse(max_), claim)

    assert page.count("The customer has chosen the replacement, and the shop was asked") == 2
    assert "We asked the shop on" in page


def test_support_offers_no_replacement_for_a_replacement(ann, sue, max_, browse):
    asked = replacement_requests.request(replacement_requests.make_defect(ann), sue)
    replacement_requests.tell(replacement_requests.provided(asked))
    order = Order.objects.get(replaces=asked.claim.order)
    Order.objects.filter(pk=order.pk).update(
        activation="sms_received", sms_received_at=order.purchased_at
    )
    order.refresh_from_db()
    claim = make_claim(order, kind="major_defect")
    barred = "only a Supervisor offers another one"

    make_lease(claim, sue)
    assert barred in read(browse(sue), claim)
    make_lease(claim, max_, now=timezone.now() + timedelta(minutes=6))
    assert barred not in read(browse(max_), claim)
