import pytest
from django.urls import reverse

from claims.actions.review import saved_filters
from claims.models import SavedFilter
from tests.claims.admin.asking import QUEUE, SAVE, page, text_of
from tests.makers import make_claim, make_order


def save(client, name="Mine in Brazil", query="tab=mine&country=BR"):
    return client.post(SAVE, {"name": name, "query": query})


def delete(client, kept):
    return client.post(reverse("admin:claims_claim_delete_filter", args=[kept.pk]))


def test_a_view_is_kept_under_a_name_and_offered_again(ann, sue, browse):
    make_claim(make_order(ann))
    client = browse(sue)

    response = save(client, name="  Mine   in Brazil ")

    kept = SavedFilter.objects.get()
    assert (kept.owner, kept.name, kept.query) == (sue, "Mine in Brazil", "tab=mine&country=BR")
    assert response.url == f"{QUEUE}?tab=mine&country=BR"
    shown = text_of(client)
    assert f'href="?{kept.query.replace("&", "&amp;")}"' in shown
    assert "Save this view" in shown
    assert "Save this view" not in text_of(client, tab="mine", country="BR")


def test_other_peoples_filters_are_never_shown_nor_deleted(sue, max_, browse):
    save(browse(sue))
    kept = SavedFilter.objects.get()

    assert kept.name not in text_of(browse(max_))
    assert page(browse(max_)).saved == []
    assert delete(browse(max_), kept).status_code == 404
    assert SavedFilter.objects.get() == kept


def test_two_people_may_use_one_name(sue, max_, browse):
    save(browse(sue))
    save(browse(max_))

    assert SavedFilter.objects.count() == 2


def test_one_is_deleted_by_its_owner(sue, browse):
    save(browse(sue))

    response = delete(browse(sue), SavedFilter.objects.get())

    assert response.url == f"{QUEUE}?tab=open"
    assert not SavedFilter.objects.exists()


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "a\x00b"])
def test_a_name_that_is_none_is_told_and_kept_in_the_form(name, sue, browse):
    response = save(browse(sue), name=name)

    assert response.status_code == 422
    assert response.context["queue"].name_form["name"].errors
    assert response.context["queue"].asked.query == "tab=mine&country=BR"
    assert not SavedFilter.objects.exists()


def test_a_name_is_given_once(sue, browse):
    save(browse(sue))

    response = save(browse(sue), query="tab=closed")

    assert response.status_code == 422
    assert "You have a filter of this name already." in response.content.decode()
    assert 'value="Mine in Brazil"' in response.content.decode()
    assert SavedFilter.objects.get().query == "tab=mine&country=BR"


def test_nobody_keeps_more_than_fit_the_page(sue, browse, monkeypatch):
    monkeypatch.setattr(saved_filters, "MOST", 1)
    save(browse(sue))

    response = save(browse(sue), name="Another")

    assert "Delete one first." in response.content.decode()
    assert SavedFilter.objects.count() == 1


@pytest.mark.parametrize("query", ["", "tab=zzz&kind=%00&other=1", "x" * 9000])
def test_what_is_kept_is_always_a_view_that_there_is(query, sue, browse):
    save(browse(sue), query=query)

    assert SavedFilter.objects.get().query == "tab=open"


def test_customers_keep_none(ann, browse):
    assert save(browse(ann)).status_code == 302
    assert not SavedFilter.objects.exists()
