"""The proof code, on every page where a customer can still add a file."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.models import CreditAccount
from claims.actions.customer import filing, withdrawal
from claims.models import Claim
from tests import reviewing
from tests.makers import ANSWERS, REASON, make_claim, make_order, newest_event
from tests.media import make_screenshot

HOW = "Write it on paper beside the screen, type it into the chat, or show it on a second screen."
ADVICE = "without it your claim counts just the same"


def spelled(code: str) -> str:
    """Return the code as a screen reader says it, character by character."""
    return f'<span class="visually-hidden">{", ".join(code)}</span>'


def form_page(client, order) -> str:
    page = client.get(reverse("portal:file_claim", args=[order.shop_id]))
    return str(page.content.decode())


@pytest.fixture
def claim(ann) -> Claim:
    order = make_order(ann, completed=True)
    return make_claim(order, kind="invalid_number", proofs=("screenshot",))


def test_the_form_shows_the_code_and_says_that_it_is_advice(ann, ann_client):
    order = make_order(ann, completed=True)

    html = form_page(ann_client, order)

    assert f'<span class="spelled" aria-hidden="true">{order.proof_code}</span>' in html
    assert spelled(order.proof_code) in html
    assert HOW in html
    assert ADVICE in html


def test_only_the_kind_that_needs_proof_asks_for_it(ann, ann_client):
    order = make_order(ann, completed=True)

    page = ann_client.get(reverse("portal:file_claim", args=[order.shop_id]))

    asking = [choice.value for choice in page.context["kinds"] if choice.asks_code]
    assert asking == ["invalid_number"]
    assert page.content.decode().count("data-asks-code") == 1


def test_where_that_kind_is_barred_no_code_is_shown(ann, ann_client):
    order = make_order(ann, activation="timed_out")

    assert order.proof_code not in form_page(ann_client, order)


@pytest.mark.parametrize(("kind", "shown"), [("invalid_number", True), ("major_defect", False)])
def test_the_check_page_shows_it_once_more_where_proof_is_required(ann, send, kind, shown):
    order = make_order(ann, completed=True)

    page = send(order, kind=kind, files=[SimpleUploadedFile("a.png", make_screenshot())])

    assert page.templates[0].name == "portal/check_claim.html"
    assert (spelled(order.proof_code) in page.content.decode()) is shown


def test_an_open_claim_and_its_answer_show_the_code_it_was_filed_with(claim, ann_client, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key than before"

    for name in ("portal:claim", "portal:add_evidence"):
        html = ann_client.get(reverse(name, args=[claim.code])).content.decode()
        assert spelled(claim.proof_code) in html
        assert HOW in html
        assert claim.order.proof_code not in html


def test_a_closed_claim_asks_for_nothing(claim, ann, ann_client):
    withdrawal.withdraw_claim(claim_id=claim.pk, by=ann, now=timezone.now())

    html = ann_client.get(claim.get_absolute_url()).content.decode()

    assert claim.proof_code not in html


def test_a_claim_that_needs_no_proof_asks_for_no_code(ann, ann_client):
    claim = make_claim(make_order(ann, completed=True), kind="major_defect")

    html = ann_client.get(claim.get_absolute_url()).content.decode()

    assert claim.order.proof_code not in html
    assert ADVICE not in html


def test_the_mail_about_a_file_that_cannot_be_used_repeats_it(ann, run_jobs, mailoutbox):
    order = make_order(ann, completed=True)
    claim = make_claim(order, kind="invalid_number", proofs=("screenshot",), state="waiting")

    run_jobs()

    mail = next(mail for mail in mailoutbox if "another file" in mail.subject)
    assert f"If it can show the code {claim.proof_code}, we decide faster" in mail.body


def test_proof_without_the_code_is_filed_and_approved_like_any_other(ann, sue, send, run_jobs):
    """The picture is a plain screenshot, and nobody has written anything into it."""
    order = make_order(ann, completed=True, price="3.40")
    checked = send(
        order,
        kind="invalid_number",
        reason=REASON,
        files=[SimpleUploadedFile("a.png", make_screenshot())],
    )
    tokens = [tile.upload.token for tile in checked.context["tiles"]]
    run_jobs()
    claim = filing.file_claim(
        order_id=order.pk, by=ann, kind="invalid_number", reason=REASON,
        customer_two_factor=False, terms_accepted=True, uploads=tokens, submission=uuid4(),
        now=timezone.now(),
    )  # fmt: skip

    reviewing.approve(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), answers=ANSWERS, note="",
        now=timezone.now(),
    )  # fmt: skip

    claim.refresh_from_db()
    assert claim.status == Claim.Status.REFUNDED
    assert claim.proof_code
    assert CreditAccount.objects.get(owner=ann).balance == Decimal("3.40")
