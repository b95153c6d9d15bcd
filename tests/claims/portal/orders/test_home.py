import pytest


def test_home_leads_to_the_orders(ann_client):
    assert ann_client.get("/").url == "/orders/"


@pytest.mark.django_db
def test_home_leads_a_stranger_to_the_sign_in(client):
    assert client.get("/").url == "/account/login/"
