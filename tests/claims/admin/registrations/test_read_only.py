"""The admin can't delete anything or change history, whoever asks."""

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from claims.actions.review import notes
from claims.models import ApprovalLimit, CannedReply, PolicyVersion
from tests.makers import (
    ANSWERS,
    make_acknowledgement,
    make_claim,
    make_incident,
    make_lease,
    make_merge,
    make_offer,
    make_order,
    make_replacement,
    make_shop_event,
    make_snapshot,
    make_user,
    make_webhook,
    newest_event,
)
from tests.reviewing import approve

REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)
WRITABLE = {ApprovalLimit, CannedReply, PolicyVersion, User}
# Texts for the start of a reply: the text that was sent stays with the claim.
KEPT = [model for model in REGISTERED if model is not CannedReply]
NAMES = [model._meta.label for model in REGISTERED]


@pytest.fixture
def rows(ann, sue, max_):
    """At least one row of each model of ours."""
    make_incident(sue)
    make_merge(ann, make_user("cleo@example.com"))
    CannedReply.objects.create(name="A video", body="Please send a video.")
    ApprovalLimit.objects.create(currency="EUR", amount=1)
    costly = make_claim(make_order(ann))
    approve(
        claim_id=costly.pk,
        by=max_,
        seen=newest_event(costly),
        answers=ANSWERS,
        note="",
        now=timezone.now(),
    )
    ApprovalLimit.objects.update(amount=100)
    notes.add_note(claim_id=costly.pk, by=sue, body="Look twice.", now=timezone.now())
    make_lease(costly, sue)
    make_replacement(make_offer(costly, sue))
    make_shop_event()
    make_snapshot(ann.credit_accounts.get())
    make_webhook(make_order(ann))
    make_acknowledgement(make_order(ann))
    claim = make_claim(make_order(ann))
    approve(
        claim_id=claim.pk,
        by=sue,
        seen=newest_event(claim),
        answers=ANSWERS,
        note="",
        now=timezone.now(),
    )


def page(model, view, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=args)


@pytest.mark.parametrize("model", KEPT, ids=lambda model: model._meta.label)
def test_a_superuser_deletes_nothing(model, rows, root, browse):
    client = browse(root)
    row = model._default_manager.first()
    before = model._default_manager.count()

    for response in (
        client.get(page(model, "delete", row.pk)),
        client.post(page(model, "delete", row.pk), {"post": "yes"}),
    ):
        assert response.status_code == 403
    client.post(
        page(model, "changelist"),
        {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"},
    )

    assert model._default_manager.count() == before


@pytest.mark.parametrize("model", REGISTERED, ids=NAMES)
def test_no_list_offers_to_delete(model, rows, root, browse, rf):
    request = rf.get("/")
    request.user = root

    assert {*admin.site._registry[model].get_actions(request)} <= {"send_again", "leave_out"}
    page_of_it = browse(root).get(page(model, "changelist")).content.decode().lower()
    assert "delete" not in page_of_it


@pytest.mark.parametrize(
    "model",
    [model for model in REGISTERED if model not in WRITABLE],
    ids=[model._meta.label for model in REGISTERED if model not in WRITABLE],
)
def test_a_superuser_adds_and_changes_nothing_that_happened(model, rows, root, browse):
    client = browse(root)
    row = model._default_manager.first()

    assert client.post(page(model, "add"), {}).status_code == 403
    response = client.post(page(model, "change", row.pk), {})

    assert response.status_code in {302, 403, 405}
    if response.status_code == 302:
        assert response.url.endswith("/review/")


@pytest.mark.parametrize("model", REGISTERED, ids=NAMES)
def test_every_page_opens_without_inline_script_or_style(model, rows, root, browse):
    client = browse(root)
    row = model._default_manager.first()

    for address in (page(model, "changelist"), page(model, "change", row.pk)):
        text = client.get(address, follow=True).content.decode()
        assert " style=" not in text
        assert "<style" not in text
        assert "<script>" not in text


@pytest.mark.parametrize("who", ["sue", "max_", "otto"])
def test_staff_read_orders_money_and_events_and_change_none(who, rows, browse, request):
    client = browse(request.getfixturevalue(who))

    for label in ("Order", "Number", "Event", "Decision", "CreditTransfer", "CreditAccount"):
        model = next(model for model in REGISTERED if model.__name__ == label)
        row = model._default_manager.first()
        assert client.get(page(model, "changelist")).status_code == 200
        assert client.get(page(model, "change", row.pk)).status_code == 200
        assert client.post(page(model, "change", row.pk), {}).status_code == 403


def test_reports_see_claims_and_nothing_else(rows, rita, browse):
    client = browse(rita)

    seen = [
        model.__name__
        for model in REGISTERED
        if client.get(page(model, "changelist")).status_code == 200
    ]

    assert seen == ["Claim"]
