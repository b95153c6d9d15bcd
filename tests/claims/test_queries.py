import pytest

from claims.queries import digits_of


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("+49 1512 345-6789", "4915123456789"),
        ("0049 (0)1512 3456789", "4915123456789"),
        ("01512/3456789", "15123456789"),
        ("\u202a+49–1512–3456789\u202c", "4915123456789"),
        ("٤٩١٥١٢", "491512"),
        ("123", ""),
        ("%", ""),
        ("ORD-00012", ""),
        ("", ""),
        ("ann@example.com", ""),
    ],
)
def test_digits_are_what_is_left_of_a_phone_number(text, digits):
    assert digits_of(text) == digits
