"""The database itself refuses violations of the invariants, whatever code writes."""

from decimal import Decimal

import pytest
from django.contrib.auth.hashers import make_password
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import CreditAccount, CreditTransfer, User
from claims.models import Claim, Decision, Event, Order, Rendition, Upload
from tests.makers import make_claim, make_order, make_upload, top_up


def refused(name, write):
    """Check that the write fails at the constraint or the trigger of this name."""
    with pytest.raises(DatabaseError, match=name), transaction.atomic():
        write()


def test_an_email_is_one_person_whatever_its_case(ann):
    refused(
        "one_user_per_email",
        lambda: User.objects.create(email="ANN@Example.com", password=make_password(None)),
    )


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"terms_version": ""}, "terms_were_accepted"),
        ({"kind": "other"}, "claim_kind_is_known"),
        ({"status": "lost"}, "closed_claim_has_a_time"),
        ({"closed_at": timezone.now()}, "closed_claim_has_a_time"),
    ],
)
def test_an_impossible_claim_is_refused(changes, name, ann):
    words = {
        "order": make_order(ann),
        "kind": "major_defect",
        "terms_version": "2026-04-01",
        "filed_at": timezone.now(),
    }

    refused(name, lambda: Claim.objects.create(**(words | changes)))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", "CLM-0000-0000-0000"),
        ("kind", "major_defect"),
        ("reason", "Another reason, twenty characters long."),
        ("customer_two_factor", True),
        ("terms_version", "other"),
        ("filed_at", timezone.now()),
        ("submission", "00000000-0000-0000-0000-000000000000"),
    ],
)
def test_what_was_filed_is_not_changed(field, value, ann):
    claim = make_claim(make_order(ann))

    refused("Cannot update rows", lambda: Claim.objects.update(**{field: value}))

    claim.refresh_from_db()
    assert getattr(claim, field) != value


def test_a_claim_stays_on_its_order(ann):
    make_claim(make_order(ann))
    other = make_order(ann)

    refused("Cannot update rows", lambda: Claim.objects.update(order=other))


def test_an_event_of_a_claim_has_one(ann):
    order = make_order(ann)

    refused(
        "claim_events_have_a_claim",
        lambda: Event.objects.create(kind="filed", order=order, at=timezone.now()),
    )


def test_a_conflict_with_the_terms_has_its_section(ann, sue):
    claim = make_claim(make_order(ann))

    refused(
        "conflict_with_terms_names_the_section",
        lambda: Decision.objects.create(
            claim=claim,
            outcome="rejection",
            clause="terms",
            note="Resold.",
            by=sue,
            decided_at=timezone.now(),
            receipt=claim.receipts.get(),
        ),
    )


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"state": "accepted"}, "inspected_upload_has_a_time"),
        ({"inspected_at": timezone.now()}, "inspected_upload_has_a_time"),
        (
            {"state": "refused", "inspected_at": timezone.now()},
            "refused_upload_says_what_is_wrong",
        ),
    ],
)
def test_an_impossible_upload_is_refused(changes, name, ann):
    make_upload(make_order(ann))

    refused(name, lambda: Upload.objects.update(**changes))


def test_an_upload_is_inspected_once(ann):
    make_upload(make_order(ann), state="accepted")

    refused("Invalid transition", lambda: Upload.objects.update(state="refused", problem="No."))


def rendition(upload, **changes):
    words = {
        "upload": upload,
        "role": "picture",
        "name": f"aa/{changes.get('role', 'picture')}-{Rendition.objects.count()}",
        "media_type": "image/webp",
        "width": 1,
        "height": 1,
        "size": 1,
        "sha256": "0" * 64,
    }
    return Rendition.objects.create(**(words | changes))


def test_renditions_are_of_our_making_and_one_for_each_role(ann):
    upload = make_upload(make_order(ann), state="accepted")
    rendition(upload)

    refused("one_rendition_per_role", lambda: rendition(upload))
    refused(
        "rendition_type_is_ours", lambda: rendition(upload, role="video", media_type="text/html")
    )


def test_an_upload_may_have_a_rendition_of_each_role(ann):
    upload = make_upload(make_order(ann), state="accepted")

    for role in Rendition.Role.values:
        rendition(upload, role=role)

    assert set(upload.renditions.values_list("role", flat=True)) == set(Rendition.Role.values)


def test_a_transfer_joins_two_accounts(ann):
    top_up(ann, "1.00")
    account = CreditAccount.objects.get(owner=ann)

    refused(
        "two_accounts|from a customer to the shop",
        lambda: CreditTransfer.objects.create(
            debit=account,
            credit=account,
            amount=Decimal(1),
            currency="EUR",
            kind="return",
            key="order:1:return",
            made_at=timezone.now(),
        ),
    )


def test_a_return_is_not_undone(ann):
    order = make_order(ann, activation="waiting")
    other = top_up(ann, "1.00")
    Order.objects.filter(pk=order.pk).update(returned_at=timezone.now(), return_transfer=other)

    refused(
        "Cannot update rows",
        lambda: Order.objects.update(returned_at=None, return_transfer=None),
    )


def test_a_return_can_be_undone_once_its_guard_is_gone(ann):
    order = make_order(ann, activation="waiting")
    other = top_up(ann, "1.00")
    Order.objects.filter(pk=order.pk).update(returned_at=timezone.now(), return_transfer=other)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE claims_order DISABLE TRIGGER USER")

    Order.objects.update(returned_at=None, return_transfer=None)

    order.refresh_from_db()
    assert order.returned_at is None
