from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import CreditAccount, CreditTransfer
from claims.actions.customer.withdrawal import withdraw_claim
from claims.models import Claim, Decision, Event
from tests.claims.admin.deciding import errors_of, offered, press
from tests.makers import PASSWORD, make_claim, make_order, newest_event


def balance(user):
    return CreditAccount.objects.get(owner=user).balance


def test_approving_returns_the_price_and_shows_the_decision(ann, sue, browse):
    claim = make_claim(make_order(ann, price="3.40"))

    response = press(browse(sue), "approve", claim, note="Our outage.")

    claim.refresh_from_db()
    assert response.status_code == 302
    assert response.url == reverse("admin:claims_claim_changelist")
    assert claim.status == Claim.Status.REFUNDED
    assert balance(ann) == Decimal("3.40")
    assert Decision.objects.get().note == "Our outage."
    assert Decision.objects.get().answers == {
        "terms": "met",
        "server-side": "met",
        "third-party": "met",
    }


def test_the_reviewer_is_told_what_went_back(ann, sue, browse):
    claim = make_claim(make_order(ann, price="3.40"))
    client = browse(sue)
    press(client, "approve", claim)

    page = client.get(reverse("admin:claims_claim_review", args=[claim.pk])).content.decode()

    assert f"{claim.code} is approved: 3.40 EUR went back to Ann." in page


def test_an_unanswered_question_keeps_what_was_typed(ann, sue, browse):
    claim = make_claim(make_order(ann))

    response = press(
        browse(sue),
        "approve",
        claim,
        note="I had written this already.",
        clause="terms",
        terms_section="4.2",
        **{"answer-server-side": "", "answer-terms": "failed"},
    )

    page = response.content.decode()
    assert response.status_code == 422
    assert any("answer the question first" in error for error in errors_of(response))
    assert any("answered against the claim" in error for error in errors_of(response))
    assert "I had written this already." in page
    assert '<option value="terms" selected>' in page
    assert 'value="4.2"' in page
    form = response.context["page"].form
    assert form["answer-terms"].value() == "failed"
    assert form["answer-third-party"].value() == "met"
    assert balance(ann) == 0


def test_a_clause_that_fails_bars_the_approval(ann, sue, browse):
    order = make_order(ann, service="telegram", two_factor=True, sms=True)
    claim = make_claim(order, kind="invalid_number", proofs=("video",), state="waiting")

    response = press(browse(sue), "approve", claim)

    assert response.status_code == 422
    assert len(errors_of(response)) == 2
    assert balance(ann) == 0


def test_the_second_of_two_reviewers_is_told_who_decided_what_and_when(ann, sue, max_, browse):
    claim = make_claim(make_order(ann))
    seen = newest_event(claim)
    press(browse(sue), "approve", claim)

    response = press(browse(max_), "approve", claim, seen=seen)

    page = response.content.decode()
    assert response.status_code == 409
    assert "Sue has decided this claim: refund," in errors_of(response)[0]
    assert "By Sue on" in page
    assert offered(page) == []
    assert CreditTransfer.objects.filter(kind="return").count() == 1
    assert Decision.objects.get().by == sue


def test_a_double_click_pays_once(ann, sue, browse):
    claim = make_claim(make_order(ann, price="2.00"))
    client, seen = browse(sue), newest_event(claim)

    first = press(client, "approve", claim, seen=seen)
    second = press(client, "approve", claim, seen=seen)

    assert (first.status_code, second.status_code) == (302, 409)
    assert balance(ann) == Decimal("2.00")


def test_a_withdrawn_claim_is_not_approved(ann, sue, browse):
    claim = make_claim(make_order(ann))
    seen = newest_event(claim)
    withdraw_claim(claim_id=claim.pk, by=ann, now=timezone.now())

    response = press(browse(sue), "approve", claim, seen=seen)

    assert response.status_code == 409
    assert "it was withdrawn on" in errors_of(response)[0]
    assert balance(ann) == 0


def test_who_missed_something_sees_it_and_may_then_decide(ann, sue, browse):
    claim = make_claim(make_order(ann))
    seen = newest_event(claim)
    Event.objects.create(
        kind="evidence_added", order=claim.order, claim=claim, at=timezone.now(), actor=ann
    )
    client = browse(sue)

    response = press(client, "approve", claim, seen=seen, note="Written before.")

    page = response.content.decode()
    assert response.status_code == 409
    assert "Evidence added (Ann" in errors_of(response)[0]
    assert "Written before." in page
    assert f'name="seen" value="{newest_event(claim)}"' in page
    assert balance(ann) == 0
    assert press(client, "approve", claim).status_code == 302


@pytest.mark.parametrize("seen", ["", "latest", "-1"])
def test_a_form_that_does_not_say_what_was_seen_decides_nothing(seen, ann, sue, browse):
    claim = make_claim(make_order(ann))

    assert press(browse(sue), "approve", claim, seen=seen).status_code == 422
    assert balance(ann) == 0


@pytest.mark.parametrize("what", ["approve", "reject", "ask"])
@pytest.mark.parametrize("who", ["otto", "rita"])
def test_who_only_looks_decides_nothing(who, what, ann, browse, request):
    claim = make_claim(make_order(ann))

    response = press(browse(request.getfixturevalue(who)), what, claim, clause="terms", note="No.")

    assert response.status_code == 403
    claim.refresh_from_db()
    assert claim.status == Claim.Status.SUBMITTED


@pytest.mark.parametrize("what", ["approve", "reject", "ask"])
def test_customers_and_strangers_decide_nothing(what, ann, bob, browse):
    claim = make_claim(make_order(ann))

    for client in (browse(ann), browse(bob), Client()):
        response = press(client, what, claim, clause="terms", note="Yes.")
        assert response.status_code == 302
        assert "login" in response.url
    claim.refresh_from_db()
    assert claim.status == Claim.Status.SUBMITTED


@pytest.mark.parametrize("what", ["approve", "reject", "ask"])
def test_nobody_decides_a_claim_of_their_own(what, sue, browse):
    claim = make_claim(make_order(sue))

    response = press(browse(sue), what, claim, clause="server-side", note="For me.")

    assert response.status_code == 403
    claim.refresh_from_db()
    assert claim.status == Claim.Status.SUBMITTED


@pytest.mark.parametrize("what", ["approve", "reject", "ask"])
def test_a_link_decides_nothing(what, ann, sue, browse):
    claim = make_claim(make_order(ann))

    response = browse(sue).get(reverse(f"admin:claims_claim_{what}", args=[claim.pk]))

    assert response.status_code == 405
    claim.refresh_from_db()
    assert claim.status == Claim.Status.SUBMITTED


def test_a_form_of_another_site_decides_nothing(ann, sue):
    claim = make_claim(make_order(ann))
    client = Client(enforce_csrf_checks=True)
    assert client.login(email=sue.email, password=PASSWORD)

    assert press(client, "approve", claim).status_code == 403
    assert balance(ann) == 0
