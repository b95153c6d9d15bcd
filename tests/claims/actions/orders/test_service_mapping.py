import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from claims.actions.orders import service_mapping
from claims.actions.orders.service_mapping import add_service, map_service_name
from claims.models import Claim, Event, Number, Service, ServiceAlias
from tests.makers import make_claim, make_order

pytestmark = pytest.mark.django_db
MESSENGER = {"service": "", "service_sent": "Telegram-Messenger"}


def make_unmapped(customer, **fields):
    return make_order(customer, **(MESSENGER | fields))


def map_name(by, name="telegram-messenger", slug="telegram"):
    return map_service_name(name=name, slug=slug, by=by, now=timezone.now())


def refused(code, action):
    with pytest.raises(ValidationError) as error:
        action()
    assert error.value.code == code


def test_every_order_under_the_name_gets_the_service(ann, max_):
    orders = [make_unmapped(ann), make_unmapped(ann, service_sent="TELEGRAM-MESSENGER")]
    other = make_unmapped(ann, service_sent="telegram-x")

    alias = map_name(max_)

    services = dict(Number.objects.values_list("order", "service"))
    assert services == {orders[0].pk: "telegram", orders[1].pk: "telegram", other.pk: None}
    assert (alias.folded, alias.made_by) == ("telegram-messenger", max_)


def test_each_order_gets_an_event_that_customers_do_not_see(ann, max_):
    order, claimed = make_unmapped(ann), make_unmapped(ann)
    claim = make_claim(claimed)

    map_name(max_)

    events = Event.objects.filter(kind="service_mapped")
    assert {(event.order, event.claim, event.actor) for event in events} == {
        (order, None, max_), (claimed, claim, max_),
    }  # fmt: skip
    assert events[0].after == {"service": "telegram"}
    assert Event.Kind.SERVICE_MAPPED in Event.INTERNAL


def test_an_open_claim_is_assessed_again_under_the_telegram_rules(ann, max_):
    order = make_unmapped(ann, two_factor=True, channel="api", sms=True)
    claim = make_claim(order, kind="invalid_number", proofs=("screenshot",))
    assert not claim.is_failing

    map_name(max_)

    claim.refresh_from_db()
    assert (claim.service, claim.is_failing) == ("telegram", True)
    failed = {finding.clause.value for finding in claim.assess().failed}
    assert failed == {"telegram-2fa-api", "telegram-2fa-video"}


def test_a_service_that_staff_corrected_stays(ann, max_):
    claim = make_claim(make_unmapped(ann))
    Claim.objects.filter(pk=claim.pk).update(service="viber")

    map_name(max_)

    claim.refresh_from_db()
    assert (claim.service, claim.order.number.service_id) == ("viber", "telegram")


def test_an_order_with_a_known_service_keeps_it(ann, max_):
    order = make_order(ann, service="whatsapp", service_sent="telegram-messenger")

    map_name(max_)

    order.number.refresh_from_db()
    assert order.number.service_id == "whatsapp"
    assert not order.events.exists()


def test_many_orders_are_mapped_in_several_steps(ann, max_, monkeypatch):
    monkeypatch.setattr(service_mapping, "MOST_AT_ONCE", 2)
    for _ in range(5):
        make_unmapped(ann)

    map_name(max_)

    assert not Number.objects.filter(service__isnull=True).exists()
    assert Event.objects.filter(kind="service_mapped").count() == 5


def test_only_a_supervisor_maps_names(ann, sue):
    order = make_unmapped(ann)

    for action in (
        lambda: map_name(sue),
        lambda: add_service(name="x", called="X", by=sue, now=timezone.now()),
    ):
        with pytest.raises(PermissionDenied):
            action()

    order.number.refresh_from_db()
    assert order.number.service is None


def test_a_mapping_that_makes_no_sense_is_refused(max_):
    refused("mapped", lambda: map_name(max_, name="TG"))
    refused("service", lambda: map_name(max_, slug="nothing"))
    refused("name", lambda: map_name(max_, name="  "))
    refused("name", lambda: map_name(max_, name="x" * 81))


def test_a_new_service_joins_the_catalogue_without_the_telegram_rules(ann, max_):
    order = make_unmapped(ann, service_sent="xyz")

    service = add_service(name="xyz", called="Xyz  Chat", by=max_, now=timezone.now())

    order.number.refresh_from_db()
    assert (service.slug, service.name) == ("xyz-chat", "Xyz Chat")
    assert not Service.objects.get(pk="xyz-chat").follows_telegram_rules
    assert order.number.service_id == "xyz-chat"
    assert {*ServiceAlias.objects.filter(service=service).values_list("pk", flat=True)} == {
        "xyz", "xyz chat",
    }  # fmt: skip


@pytest.mark.parametrize("called", ["Telegram", "TG", "вконтакте", "чат", "  "])
def test_a_new_service_is_not_one_that_is_there_and_has_a_slug(max_, called):
    refused("service", lambda: add_service(name="x", called=called, by=max_, now=timezone.now()))
