import pytest
from django.urls import reverse

from claims.admin.services import services_page
from claims.models import Number, Service, ServiceAlias
from claims.queries.orders.unmapped_names import forget_count
from tests.makers import make_claim, make_order

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:claims_service_changelist")
MAP = reverse("admin:claims_service_map")


def make_unmapped(customer, sent="Some Chat", **fields):
    return make_order(customer, service="", service_sent=sent, **fields)


def text(response):
    return response.content.decode()


def lines(response):
    return [
        (line.unmapped.name, line.unmapped.orders, line.unmapped.open_claims)
        for line in response.context["page"].unmapped
    ]


def test_the_unmapped_names_stand_there_with_their_orders_and_claims(ann, bob, sue, browse):
    make_claim(make_unmapped(ann))
    make_unmapped(bob, "some  chat")
    for _ in range(3):
        make_unmapped(bob, "other")

    page = browse(sue).get(PAGE)

    assert lines(page) == [("Some Chat", 2, 1), ("other", 3, 0)]
    assert 'type="checkbox" name="is_new"' not in text(page)
    assert "A Supervisor maps them." in text(page)


def test_a_supervisor_maps_a_name_once_the_consequences_are_confirmed(ann, max_, browse):
    make_claim(make_unmapped(ann))
    client = browse(max_)
    given = {"name": "Some Chat", "service": "TG"}

    asked = client.post(MAP, given)

    assert "Map “Some Chat” to Telegram?" in text(asked)
    assert "1 order gets this service, and 1 open claim is assessed again." in text(asked)
    assert "rules for Telegram apply to it" in text(asked)
    assert Number.objects.get().service is None

    done = client.post(MAP, given | {"confirmed": "yes"}, follow=True)

    assert "“Some Chat” is mapped to Telegram." in text(done)
    assert Number.objects.get().service_id == "telegram"
    assert lines(done) == []


def test_a_new_service_says_that_the_telegram_rules_do_not_apply(ann, max_, browse):
    make_unmapped(ann)
    client = browse(max_)
    given = {"name": "Some Chat", "service": "Some Chat", "is_new": "on"}

    assert "rules for Telegram do not apply to it" in text(client.post(MAP, given))
    client.post(MAP, given | {"confirmed": "yes"})

    assert Service.objects.get(pk="some-chat").name == "Some Chat"
    assert Number.objects.get().service_id == "some-chat"


@pytest.mark.parametrize("service", ["", "Telegramm"])
def test_a_name_that_the_catalogue_lacks_is_told(ann, max_, browse, service):
    make_unmapped(ann)

    page = browse(max_).post(MAP, {"name": "Some Chat", "service": service, "confirmed": "yes"})

    assert page.status_code == 422
    assert "Nothing was mapped" in text(page)
    assert Number.objects.get().service is None


def test_a_name_that_somebody_else_has_mapped_is_told(max_, browse):
    page = browse(max_).post(
        MAP, {"name": "tg", "service": "Viber", "confirmed": "yes"}, follow=True
    )

    assert "“tg” is mapped already." in text(page)
    assert ServiceAlias.objects.get(pk="tg").service_id == "telegram"


def test_support_looks_but_does_not_map(ann, sue, browse):
    make_unmapped(ann)
    client = browse(sue)

    refused = client.post(MAP, {"name": "Some Chat", "service": "Telegram", "confirmed": "yes"})

    assert refused.status_code == 403
    assert Number.objects.get().service is None


def test_others_see_nothing(rita, ann, browse):
    assert browse(rita).get(PAGE).status_code == 403
    assert browse(ann).get(PAGE).status_code == 302


def test_the_navigation_counts_the_names_until_they_are_mapped(ann, max_, browse):
    client = browse(max_)
    make_unmapped(ann)
    make_unmapped(ann, "other")
    forget_count()

    assert '2<span class="visually-hidden"> unknown names' in text(client.get(PAGE))
    client.post(MAP, {"name": "other", "service": "Viber", "confirmed": "yes"})
    assert '1<span class="visually-hidden"> unknown names' in text(client.get(PAGE))


def test_the_page_needs_as_many_queries_for_many_names(
    ann, max_, browse, django_assert_max_num_queries
):
    for n in range(20):
        make_unmapped(ann, f"name {n}")
    client = browse(max_)

    with django_assert_max_num_queries(12):
        client.get(PAGE)


def test_of_very_many_names_those_with_the_most_orders_are_shown(ann, max_, browse, monkeypatch):
    monkeypatch.setattr(services_page, "MOST_NAMES", 1)
    for sent in ("one", "two", "two", "three"):
        make_unmapped(ann, sent)

    page = browse(max_).get(PAGE)

    assert lines(page) == [("two", 2, 0)]
    assert "There are 2 more, with fewer orders." in text(page)


def test_a_hostile_name_is_only_text(ann, max_, browse):
    make_unmapped(ann, "<script>alert(1)</script>")

    assert "<script>alert" not in text(browse(max_).get(PAGE))
