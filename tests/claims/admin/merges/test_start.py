"""The form that asks for a merge, with a preview of both people."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.customers import Mention, Named, recognise
from accounts.models import CustomerId, CustomerMerge
from claims.models import CustomerFlag
from tests.claims.admin.merges.pages import LIST, START, address, text
from tests.makers import make_charge, make_claim, make_customer_id, make_order, make_upload, top_up


def given(**changes):
    return {
        "first": "ann@example.com",
        "second": "bob@example.com",
        "remains": "second",
        "reason": "The shop says so.",
    } | changes


def test_a_preview_shows_both_side_by_side_and_changes_nothing(ann, bob, max_, browse):
    top_up(ann, "10.00")
    make_charge(bob, "4.00")
    make_customer_id(ann, "c-1")
    claim = make_claim(make_order(ann))
    make_upload(claim.order)
    CustomerFlag.objects.create(
        customer=ann, claim=claim, reason="Look twice.", by=max_, made_at=timezone.now()
    )

    page = browse(max_).post(START, given())

    merged, survivor = page.context["preview"].sides
    assert (merged.user, merged.customer_ids, merged.orders) == (ann, ["c-1"], 1)
    assert (merged.open_claims, merged.closed_claims, merged.uploads, merged.flags) == (1, 0, 1, 1)
    assert [str(each.balance) for each in merged.balances] == ["10.00"]
    assert [str(each.uncovered) for each in survivor.balances] == ["4.00"]
    said = text(page)
    assert "Bob (bob@example.com) gets Ann (ann@example.com)&#x27;s orders (1), claims (1)" in said
    assert "pages show their sum: 6.00\N{NO-BREAK SPACE}EUR." in page.content.decode()
    assert "The sign-in of Ann (ann@example.com) ends" in said
    assert "under c-1 are Bob (bob@example.com)&#x27;s from then on" in said
    assert "we mail ann@example.com and bob@example.com" in said
    assert "Nothing undoes it." in said
    assert str(ann.pk) not in [value for _, value in page.context["form"].data.items()]
    assert not CustomerMerge.objects.exists()


def test_it_is_asked_for_once_the_preview_is_confirmed(ann, bob, max_, browse):
    page = browse(max_).post(START, given(stage="ask"), follow=True)

    merge = CustomerMerge.objects.get()
    assert (merge.merged, merge.survivor, merge.asked_by) == (ann, bob, max_)
    assert (merge.state, merge.reason) == ("asked", "The shop says so.")
    assert page.redirect_chain == [(address(merge), 302)]
    assert "A second person has to confirm it." in text(page)
    assert "somebody else has to confirm it" in text(page)


def test_the_first_one_may_remain_and_customers_are_named_by_the_shops_id(ann, bob, max_, browse):
    make_customer_id(ann, "c-1")
    recognise([Mention(Named("tg-5"), "Tom", timezone.now())], buyers={}, now=timezone.now())
    tom = CustomerId.objects.get(customer_id="tg-5").user

    people = {"first": " c-1 ", "second": "tg-5", "remains": "first"}
    page = browse(max_).post(START, given(**people))
    browse(max_).post(START, given(**people, stage="ask"))

    assert "Tom (no address) has no address, isn&#x27;t mailed and can&#x27;t object." in text(page)
    assert "we mail ann@example.com." in text(page)
    merge = CustomerMerge.objects.get()
    assert (merge.merged, merge.survivor) == (tom, ann)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"first": "nobody@example.com"}, "No customer has the address or the id"),
        ({"second": ""}, "Name the other customer."),
        ({"second": "ANN@example.com"}, "this is one and the same"),
        ({"remains": ""}, "Choose whose sign-in remains."),
        ({"reason": " "}, "Say how you know that they are one person."),
        ({"second": "max@example.com", "stage": "ask"}, "You can&#x27;t merge yourself."),
    ],
)
def test_an_error_is_told_and_what_was_typed_is_kept(changes, said, ann, bob, max_, browse):
    typed = given(**changes)

    page = browse(max_).post(START, typed)

    assert page.status_code == 422
    assert "Nothing was asked for" in text(page)
    assert said in text(page)
    for name in ("first", "second", "reason"):
        assert page.context["form"][name].value() == typed[name]
    assert not CustomerMerge.objects.exists()


def test_an_id_that_is_anothers_address_is_refused(ann, bob, max_, browse):
    make_customer_id(bob, "ann@example.com")

    page = browse(max_).post(START, given())

    assert "is one customer&#x27;s id and another one&#x27;s address" in text(page)


def test_the_form_comes_back_from_the_preview_as_it_was(ann, bob, max_, browse):
    page = browse(max_).post(START, given(stage="change"))

    assert page.status_code == 200
    assert 'value="bob@example.com"' in text(page)
    assert "The shop says so." in text(page)


def test_a_link_names_the_first_customer(max_, browse):
    assert 'value="a&amp;b@example.com"' in text(
        browse(max_).get(f"{START}?first=a%26b@example.com")
    )


def test_support_does_not_ask(ann, bob, sue, browse):
    client = browse(sue)

    assert client.get(START).status_code == 403
    assert client.post(START, given(stage="ask")).status_code == 403
    assert "Merge two customers…" not in text(client.get(LIST))
    assert not CustomerMerge.objects.exists()


@pytest.mark.parametrize("many", [1, 4])
def test_a_preview_needs_as_many_queries_for_many_rows(
    many, ann, bob, max_, browse, django_assert_num_queries
):
    for n in range(many):
        make_claim(make_order(ann))
        make_claim(make_order(bob, currency="USD"))
        top_up(ann, "1.00", currency=["EUR", "USD", "GBP", "PLN"][n])
    client = browse(max_)
    client.post(START, given())

    with django_assert_num_queries(17):
        client.post(START, given())


def test_hostile_words_are_only_text(ann, bob, max_, browse):
    type(ann).objects.filter(pk=ann.pk).update(display_name="<script>alert(1)</script>")

    page = browse(max_).post(START, given(reason="<script>alert(2)</script>"))

    assert "<script>alert" not in page.content.decode()
