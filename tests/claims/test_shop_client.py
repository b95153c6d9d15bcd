"""The addresses to which the portal sends webhooks, and those to which it never does."""

from __future__ import annotations

import ipaddress
import socket
from types import SimpleNamespace

import certifi
import pytest
from django.utils import timezone
from standardwebhooks import Webhook as Signer
from standardwebhooks import WebhookVerificationError

from claims import shop_client
from claims.shop_client import NotTakenError, is_public, post
from tests.shop_server import NEXT_SECRET, SECRET, make_certificate, running_shop

NOW = timezone.now()
WEBHOOK = SimpleNamespace(
    message_id="msg_1", type="claim.filed", at=NOW, data={"order_id": "N-1", "claim": "CLM-1"}
)


def send():
    post(WEBHOOK, now=NOW)


def refused():
    with pytest.raises(NotTakenError) as error:
        send()
    return str(error.value)


def test_what_happened_goes_out_signed(shop):
    send()

    [event] = shop.taken
    assert event == {
        "id": "msg_1",
        "type": "claim.filed",
        "timestamp": NOW.isoformat(),
        "data": WEBHOOK.data,
    }


def test_each_secret_signs_so_that_one_can_take_the_place_of_the_other(settings):
    settings.SHOP_URL_SECRETS = [NEXT_SECRET, SECRET]

    headers = shop_client._headers("msg_1", "{}", now=timezone.now())

    for secret in settings.SHOP_URL_SECRETS:
        Signer(secret).verify("{}", headers, json_parse=False)
    with pytest.raises(WebhookVerificationError):
        Signer(SECRET).verify("{ }", headers, json_parse=False)


@pytest.mark.parametrize("status", [400, 404, 410, 429, 500, 503])
def test_any_answer_but_success_is_none(shop, status):
    shop.status = status

    assert refused() == f"The shop answered {status}."


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(shop, status):
    shop.status, shop.location = status, "/elsewhere"

    assert refused() == f"The shop answered {status}."
    assert shop.asked == 1


def test_who_doesnt_answer_is_left(shop, monkeypatch):
    monkeypatch.setattr(shop_client, "SECONDS", 0.2)
    shop.pause = 1

    assert refused().startswith("ReadTimeout")


def test_nobody_there(shop, settings):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        settings.SHOP_URL = f"http://127.0.0.1:{unused.getsockname()[1]}/"
    assert refused().startswith("ConnectError")


def test_a_name_that_means_nothing(shop, settings):
    settings.SHOP_URL = "https://shop.invalid/"

    assert refused().startswith("shop.invalid can't be resolved")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",  # where clouds keep their machines' keys
        "100.64.0.1",
        "0.0.0.0",  # reaches this machine
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "2002:7f00:1::",
        "64:ff9b::10.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "2001:0:7f00:1::1",
    ],
)
def test_an_address_that_is_not_of_the_public_internet(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:2800:21f:cb07::1", "64:ff9b::93.184.215.14"]
)
def test_an_address_of_the_public_internet(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_nothing_is_sent_to_a_private_address_unless_that_is_allowed(shop, settings, host):
    settings.SHOP_URL = f"http://{host}:{shop.port}/events"
    settings.SHOP_URL_MAY_BE_PRIVATE = False

    assert "is not of the public internet" in refused()
    assert shop.asked == 0

    settings.SHOP_URL_MAY_BE_PRIVATE = True
    send()
    assert shop.asked == 1


def test_a_name_with_one_private_address_among_others_is_refused(shop, settings, monkeypatch):
    settings.SHOP_URL_MAY_BE_PRIVATE = False
    settings.SHOP_URL = f"http://shop.example:{shop.port}/events"
    resolve(monkeypatch, ["93.184.215.14", "127.0.0.1"])

    assert "shop.example leads to 127.0.0.1" in refused()


def test_the_connection_goes_to_the_address_that_was_looked_at(shop, settings, monkeypatch):
    """The name is resolved once: a later change of its address has no effect."""
    settings.SHOP_URL = f"http://shop.example:{shop.port}/events"
    asked = resolve(monkeypatch, ["127.0.0.1"])

    send()

    assert shop.hosts == [f"shop.example:{shop.port}"]
    assert asked == ["shop.example", "127.0.0.1"]  # the second is an address, not a name


def test_tls_is_held_to_the_name_although_the_address_is_chosen(
    shop, settings, monkeypatch, tmp_path
):
    certificate = make_certificate(tmp_path, "shop.example")
    monkeypatch.setattr(certifi, "where", lambda: str(certificate))
    resolve(monkeypatch, ["127.0.0.1"])
    with running_shop(certificate) as secure:
        settings.SHOP_URL = f"https://shop.example:{secure.port}/events"
        send()
        assert len(secure.taken) == 1

        settings.SHOP_URL = f"https://other.example:{secure.port}/events"
        assert "Hostname mismatch" in refused()
        assert len(secure.taken) == 1


def resolve(monkeypatch, addresses):
    """Let names ending in `example` resolve to these; return the list of requested names."""
    asked = []
    real = socket.getaddrinfo

    def getaddrinfo(host, *args, **named):
        asked.append(host)
        if not str(host).endswith("example"):
            return real(host, *args, **named)
        return [found for address in addresses for found in real(address, *args, **named)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked
