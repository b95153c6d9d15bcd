"""The address that an event records as its origin."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from accounts.middleware import OriginMiddleware
from accounts.origin import coming_from, current_address


def address_of(*, direct="203.0.113.9", forwarded=None):
    """Return the address that is recorded while a request is answered."""
    told = []

    def answer(request):
        told.append(current_address())
        return HttpResponse()

    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    OriginMiddleware(answer)(RequestFactory().get("/", REMOTE_ADDR=direct, headers=headers))
    return told[0]


@pytest.mark.parametrize("forwarded", [None, "198.51.100.7", "1.1.1.1, 198.51.100.7", "junk"])
def test_without_a_proxy_nobody_is_believed(forwarded, settings):
    settings.BEHIND_PROXY = False

    assert address_of(forwarded=forwarded) == "203.0.113.9"


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("1.1.1.1, 198.51.100.7", "198.51.100.7"),
        ("127.0.0.1,10.0.0.1,  2001:db8::7 ", "2001:db8::7"),
        ("1.1.1.1, '; DROP TABLE claims_event", None),
        ("198.51.100.7,", None),
        (None, "203.0.113.9"),
    ],
)
def test_behind_a_proxy_only_what_the_proxy_added_is_believed(forwarded, address, settings):
    settings.BEHIND_PROXY = True

    assert address_of(forwarded=forwarded) == address


def test_outside_a_request_there_is_none():
    assert current_address() is None
    with coming_from("203.0.113.9"), coming_from("no address"):
        assert current_address() is None
    assert current_address() is None


def test_an_address_does_not_outlive_its_request(settings):
    def fail(request):
        raise ValueError

    with pytest.raises(ValueError):  # our own error, raised just above
        OriginMiddleware(fail)(RequestFactory().get("/", REMOTE_ADDR="203.0.113.9"))

    assert current_address() is None
