import pytest
from django.test import Client


@pytest.mark.parametrize(
    "address",
    [
        "/admin/claims/claim/?service=%00",
        "/admin/claims/order/?channel__exact=%00",
    ],
)
def test_an_address_with_a_nul_is_a_bad_request(address, max_):
    client = Client()
    client.force_login(max_)

    assert client.get(address).status_code == 400
