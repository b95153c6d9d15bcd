from importlib import import_module

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone, translation

from claims.formats.folding import folded
from claims.models import Claim, Service, ServiceAlias
from claims.models.service import follows_telegram_rules, service_name
from tests.makers import make_claim, make_order

pytestmark = pytest.mark.django_db
SEEDS = import_module("claims.migrations.0015_services")


def refused(action, error=DatabaseError):
    with pytest.raises(error), transaction.atomic():
        action()


def test_the_catalogue_comes_with_the_services_that_sell_most():
    assert Service.objects.count() >= 60
    assert [*Service.objects.filter(follows_telegram_rules=True)] == [Service(slug="telegram")]


@pytest.mark.parametrize(
    ("sent", "slug"),
    [
        ("tg", "telegram"),
        ("Telegram", "telegram"),
        ("ТЕЛЕГРАМ", "telegram"),
        ("google,youtube,gmail", "google"),
        ("вконтакте", "vkontakte"),
        ("vk", "vkontakte"),
        ("1688", "1688"),
        ("wa", "whatsapp"),
    ],
)
def test_the_names_of_the_trade_are_known(sent, slug):
    assert ServiceAlias.objects.get(pk=folded(sent)).service_id == slug


@pytest.mark.parametrize("sent", ["ot", "other", "Any other", "telegram-messenger", "eh", "li"])
def test_a_name_that_says_no_one_service_is_unknown(sent):
    assert not ServiceAlias.objects.filter(pk=folded(sent)).exists()


def test_the_migration_folds_as_the_code_does():
    for alias in ServiceAlias.objects.all():
        assert alias.folded == folded(alias.as_sent) == SEEDS.fold(alias.as_sent)


def test_only_telegram_follows_its_rules():
    refused(
        lambda: Service.objects.create(slug="tg2", name="x", follows_telegram_rules=True),
        IntegrityError,
    )
    refused(lambda: Service.objects.filter(pk="viber").update(follows_telegram_rules=True))
    refused(lambda: Service.objects.filter(pk="telegram").update(follows_telegram_rules=False))


def test_a_service_keeps_its_slug_and_is_never_deleted():
    refused(lambda: Service.objects.filter(pk="viber").update(slug="wiber"))
    refused(lambda: Service.objects.filter(pk="viber")._raw_delete("default"))


def test_an_alias_is_never_changed_or_deleted():
    aliases = ServiceAlias.objects.filter(pk="tg")

    refused(lambda: aliases.update(service="viber"))
    refused(lambda: aliases._raw_delete("default"))
    refused(
        lambda: ServiceAlias.objects.create(
            folded="tg", as_sent="TG", service_id="viber", made_at=timezone.now()
        )
    )


def test_a_name_is_in_the_readers_language():
    assert service_name("vkontakte") == "VK"
    with translation.override("ru"):
        assert service_name("vkontakte") == "ВКонтакте"


def test_an_unknown_slug_is_shown_but_never_taken_for_a_harmless_service():
    assert service_name("nothing") == "nothing"
    with pytest.raises(Service.DoesNotExist):
        follows_telegram_rules("nothing")
    assert not follows_telegram_rules("")


def test_a_claim_names_a_service_of_the_catalogue(ann):
    claim = make_claim(make_order(ann))

    refused(lambda: Claim.objects.filter(pk=claim.pk).update(service="telegramm"))
    Claim.objects.filter(pk=claim.pk).update(service="telegram")
