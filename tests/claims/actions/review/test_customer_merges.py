"""Two customers become one: by two people, with a day to object, and without a transfer."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.checking import faults
from accounts.customers import Mention, Named, find_customers, recognise
from accounts.models import CreditAccount, CreditTransfer, CustomerId, CustomerMerge, User
from accounts.tokens import find_token, make_token
from claims import access
from claims.actions.core.notice_outbox import MAIL_MERGE
from claims.actions.orders.intake import receive_orders
from claims.actions.review.customer_merges import (
    ask_merge,
    cancel_merge,
    complete_merge,
    confirm_merge,
    due_merges,
    object_to_merge,
)
from claims.models import Event, Order
from tests.accounts.pages import sign_in, signed_in_as
from tests.claims.actions.orders.reports import NOW, bought
from tests.databases import APP
from tests.makers import (
    PASSWORD,
    make_claim,
    make_customer_id,
    make_merge,
    make_order,
    make_staff,
    make_upload,
    top_up,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ida(db):
    return make_staff("ida@example.com", "Supervisor")


@pytest.fixture
def otto(db):
    return make_staff("otto@example.com", "Support")


def ask(merged, survivor, by, reason="They are one person."):
    return ask_merge(
        merged_id=merged.pk, survivor_id=survivor.pk, reason=reason, by=by, now=timezone.now()
    )


def complete(merge):
    return complete_merge(merge_id=merge.pk, now=timezone.now())


def code(act, *args, **options):
    with pytest.raises(ValidationError) as refused:
        act(*args, **options)
    return refused.value.code


def mailed():
    return ProcrastinateJob.objects.filter(task_name=MAIL_MERGE).count()


def test_a_second_person_confirms_and_both_customers_are_mailed(ann, bob, ida, otto):
    merge = ask(ann, bob, ida)
    assert (merge.state, mailed()) == ("asked", 0)

    merge = confirm_merge(merge_id=merge.pk, by=otto, now=timezone.now())

    assert (merge.state, mailed()) == ("confirmed", 2)
    assert (merge.merged_address, merge.survivor_address) == (ann.email, bob.email)
    assert due_merges(now=timezone.now()) == []


def test_who_asked_does_not_confirm(ann, bob, ida):
    merge = ask(ann, bob, ida)

    assert code(confirm_merge, merge_id=merge.pk, by=ida, now=timezone.now()) == "second-person"


def test_the_database_takes_no_confirmation_by_who_asked(ann, bob, ida):
    merge = ask(ann, bob, ida)

    with pytest.raises(IntegrityError, match="a_merge_is_confirmed_by_another_person"):
        CustomerMerge.objects.filter(pk=merge.pk).update(confirmed_by=ida)


def test_support_confirms_but_does_not_ask(ann, bob, otto):
    with pytest.raises(PermissionDenied):
        ask(ann, bob, otto)


def test_others_neither_confirm_nor_cancel(ann, bob, ida):
    merge = ask(ann, bob, ida)
    auditor = make_staff("aud@example.com", "Auditor")

    for act in (confirm_merge, cancel_merge):
        with pytest.raises(PermissionDenied):
            act(merge_id=merge.pk, by=auditor, now=timezone.now())


def test_staff_themselves_and_people_of_another_merge_are_not_merged(ann, bob, ida, otto):
    cleo = User.objects.create_user("cleo@example.com")

    assert code(ask, ann, ann, ida) == "merge"
    assert code(ask, ann, otto, ida) == "merge"
    assert code(ask, ann, bob, ida, reason=" ") == "note"
    ask(ann, bob, ida)
    assert code(ask, bob, ann, ida) == "merge"
    assert code(ask, cleo, ann, ida) == "merge"
    assert code(ask, cleo, bob, ida) == "merge"


def test_either_customer_stops_it(ann, bob):
    merge = make_merge(ann, bob)

    object_to_merge(merge_id=merge.pk, user_id=bob.pk, now=timezone.now())

    merge.refresh_from_db()
    assert (merge.state, merge.ended_by) == ("objected", bob)
    assert due_merges(now=timezone.now()) == []
    assert code(complete, merge) == "merge"
    object_to_merge(merge_id=merge.pk, user_id=ann.pk, now=timezone.now())
    merge.refresh_from_db()
    assert merge.ended_by == bob


def test_a_third_person_does_not_stop_it(ann, bob):
    merge = make_merge(ann, bob)
    cleo = User.objects.create_user("cleo@example.com")

    assert code(object_to_merge, merge_id=merge.pk, user_id=cleo.pk, now=timezone.now()) == "merge"


def test_it_is_due_a_day_after_the_later_mail(ann, bob):
    merge = make_merge(ann, bob, survivor_mailed_at=None)
    assert due_merges(now=timezone.now()) == []

    CustomerMerge.objects.update(survivor_mailed_at=timezone.now() - timedelta(hours=23))
    assert due_merges(now=timezone.now()) == []
    assert due_merges(now=timezone.now() + timedelta(hours=1, minutes=1)) == [merge.pk]


def test_the_database_takes_no_merge_that_somebody_was_not_mailed_of(ann, bob):
    merge = make_merge(ann, bob, survivor_mailed_at=timezone.now())

    with pytest.raises(IntegrityError, match="both_had_a_day_to_object"):
        complete(merge)
    with pytest.raises(DatabaseError, match="clock of the database"):
        complete_merge(merge_id=merge.pk, now=timezone.now() + timedelta(days=2))
    with pytest.raises(DatabaseError), transaction.atomic():
        CustomerMerge.objects.update(survivor_mailed_at=timezone.now() - timedelta(days=2))


def test_everything_gets_the_survivor_as_its_owner_and_no_credit_moves(ann, bob):
    top_up(ann, "10.00")
    top_up(bob, "3.00")
    order = make_order(ann, price="2.00")
    claim = make_claim(order)
    upload = make_upload(order)
    transfers = CreditTransfer.objects.count()
    balances = dict(CreditAccount.objects.values_list("pk", "balance"))
    merge = make_merge(ann, bob)

    complete(merge)

    assert set(access.orders_of(bob)) >= {order}
    assert list(access.claims_of(bob)) == [claim]
    assert list(access.claims_of(ann)) == list(access.orders_of(ann)) == []
    assert access.upload_for(bob, upload.token) == upload
    assert access.notices_of(bob).count() == Event.objects.exclude(notice=None).count()
    assert CreditTransfer.objects.count() == transfers
    assert dict(CreditAccount.objects.values_list("pk", "balance")) == balances
    assert set(access.accounts_of(bob).values_list("balance", "former_owner")) == {
        (Decimal("10.00"), ann.pk), (Decimal("3.00"), None),
    }  # fmt: skip
    assert list(faults()) == []


def test_one_event_an_order_and_the_merge_keep_it_all(ann, bob):
    top_up(ann, "10.00")
    make_customer_id(ann, "c-1")
    order = make_order(ann)
    claim = make_claim(order)
    merge = make_merge(ann, bob)

    complete(merge)

    (event,) = Event.objects.filter(kind="merged", order=order)
    assert (event.before, event.after) == ({"customer": ann.pk}, {"customer": bob.pk})
    assert Event.Kind.MERGED in Event.INTERNAL
    merge.refresh_from_db()
    assert merge.moved["orders"][-1] == order.shop_id
    assert merge.moved["claims"] == [claim.code]
    assert merge.moved["customer_ids"] == ["c-1"]
    assert merge.moved["addresses"] == ["ann@example.com"]
    assert merge.moved["accounts"][0]["currency"] == "EUR"


def test_the_merged_sign_in_ends(client: Client, ann, bob):
    _, secret = make_token(owner=ann, name="bot", scopes=["orders:read"], now=timezone.now())
    sign_in(client, ann.email, PASSWORD)

    complete(make_merge(ann, bob))

    assert client.get(reverse("portal:orders")).status_code == 302
    assert find_token(secret, now=timezone.now()) is None
    another = Client()
    sign_in(another, "ann@example.com", PASSWORD)
    assert signed_in_as(another) is None
    sign_in(client, bob.email, PASSWORD)
    assert signed_in_as(client) == str(bob.pk)


def test_both_ids_and_both_addresses_name_the_survivor(ann, bob):
    make_customer_id(ann, "c-1")
    make_customer_id(bob, "c-2")

    complete(make_merge(ann, bob))

    names = [Named("c-1"), Named("c-2"), Named(email="ann@example.com"), Named(email=bob.email)]
    assert set(find_customers(names).values()) == {bob}
    assert len(find_customers(names)) == 4


def test_the_merged_id_moves_no_address_and_brings_orders_to_the_survivor(ann, bob):
    make_customer_id(ann, "c-1")
    make_customer_id(bob, "c-2")
    complete(make_merge(ann, bob))

    answer = receive_orders(
        reports=[bought(customer_id="c-1"), bought("N-2"), bought("N-3", customer_id="c-2",
                 customer_email="bob@example.com")],
        now=NOW,
    )  # fmt: skip

    assert (answer.created, answer.refused, answer.unclear) == (3, [], [])
    assert {order.customer for order in Order.objects.all()} == {bob}
    bob.refresh_from_db()
    assert bob.email == "bob@example.com"
    # What is bought now is of the survivor's own account.
    assert set(CreditAccount.objects.filter(owner=bob).values_list("former_owner", flat=True)) == {
        None
    }


def test_the_survivors_own_id_still_moves_their_address(ann, bob):
    make_customer_id(bob, "c-2")
    complete(make_merge(ann, bob))

    recognise([Mention(Named("c-2", "new@example.com"), "", NOW)], buyers={}, now=NOW)

    bob.refresh_from_db()
    assert bob.email == "new@example.com"


def test_an_account_that_was_merged_stays_with_the_next_survivor(ann, bob):
    top_up(ann, "10.00")
    cleo = User.objects.create_user("cleo@example.com")
    first = make_merge(ann, bob)
    complete(first)
    second = CustomerMerge.objects.create(
        merged=bob, survivor=cleo, reason="Again.", state="confirmed", asked_by=first.asked_by,
        asked_at=first.asked_at, confirmed_by=first.confirmed_by, confirmed_at=first.confirmed_at,
        merged_address=bob.email, survivor_address=cleo.email,
        merged_mailed_at=first.confirmed_at, survivor_mailed_at=first.confirmed_at,
    )  # fmt: skip

    complete(second)

    account = CreditAccount.objects.get(balance__gt=0)
    assert (account.owner, account.former_owner) == (cleo, ann)
    assert find_customers([Named(email="ann@example.com")]) == {
        Named(email="ann@example.com"): cleo
    }


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE claims_order SET customer_id = {bob}",
        (
            "UPDATE accounts_creditaccount SET owner_id = {bob}, former_owner_id = owner_id"
            " WHERE owner_id = {ann}"
        ),
        "UPDATE accounts_customerid SET user_id = {bob}",
    ],
)
def test_without_a_merge_nothing_gets_another_owner(ann, bob, statement):
    make_customer_id(ann, "c-1")
    make_order(ann)

    with (
        pytest.raises(DatabaseError, match="only a merge gives this to another person"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(ann=ann.pk, bob=bob.pk))


def test_a_merge_changes_nothing_but_the_owner_of_an_account(ann, bob):
    top_up(ann, "10.00")
    complete(make_merge(ann, bob))

    with pytest.raises(DatabaseError, match="by credit transfers alone"):
        CreditAccount.objects.filter(owner=bob).update(balance=99)


def test_nothing_new_comes_to_who_became_another_person(ann, bob):
    make_order(ann)
    complete(make_merge(ann, bob))

    with (
        pytest.raises(DatabaseError, match="has become another person"),
        transaction.atomic(),
    ):
        CreditAccount.objects.create(
            kind="customer", owner=ann, currency="USD", balance=0, uncovered=0
        )
    with pytest.raises(DatabaseError, match="has become another person"), transaction.atomic():
        CustomerId.objects.create(customer_id="c-9", user=ann, made_at=timezone.now())


def test_the_role_of_the_portals_processes_may_do_it(ann, bob):
    top_up(ann, "10.00")
    make_claim(make_order(ann))
    merge = make_merge(ann, bob)

    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {APP}")
        complete(merge)
        cursor.execute("RESET ROLE")

    assert not access.orders_of(ann).exists()
    assert CreditAccount.objects.get(former_owner=ann).owner == bob


@pytest.mark.parametrize("name", ["ann", "bob"])
def test_who_has_another_address_than_was_mailed_is_not_merged(ann, bob, name):
    merge = make_merge(ann, bob)
    User.objects.filter(display_name__iexact=name).update(email="new@example.com")

    assert code(complete, merge) == "merge"

    assert not CustomerMerge.objects.filter(state="done").exists()


def test_nothing_undoes_it(ann, bob):
    merge = make_merge(ann, bob)
    complete(merge)

    for changes in ({"state": "cancelled"}, {"reason": "No."}, {"moved": {}}):
        with pytest.raises(DatabaseError), transaction.atomic():
            CustomerMerge.objects.filter(pk=merge.pk).update(**changes)
    assert code(cancel_merge, merge_id=merge.pk, by=merge.asked_by, now=timezone.now()) == "merge"


def test_somebody_without_an_address_is_not_mailed(bob, ida, otto):
    recognise([Mention(Named("tg-5"), "", NOW)], buyers={}, now=NOW)
    telegram = CustomerId.objects.get().user
    merge = ask(telegram, bob, ida)

    confirm_merge(merge_id=merge.pk, by=otto, now=timezone.now())

    assert mailed() == 1
