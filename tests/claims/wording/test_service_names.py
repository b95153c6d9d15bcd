import pytest

from claims.wording.service_names import service_name


@pytest.mark.parametrize(
    ("slug", "name"),
    [("whatsapp", "WhatsApp"), ("telegram", "Telegram"), ("some-shop_two", "Some shop two")],
)
def test_a_service_is_written_as_it_writes_itself(slug, name):
    assert service_name(slug) == name
