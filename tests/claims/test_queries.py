import pytest

from claims.queries import digits_of


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("+49 1512 345-6789", {"4915123456789"}),
        ("0049 (0)1512 3456789", {"004915123456789", "4915123456789"}),
        ("01512/3456789", {"015123456789", "15123456789"}),
        ("0104", {"0104", "104"}),
        ("\u202a+49–1512–3456789\u202c", {"4915123456789"}),
        ("٤٩١٥١٢", {"491512"}),
        ("12", set()),
        ("%", set()),
        ("ORD-00012", set()),
        ("", set()),
        ("ann@example.com", set()),
    ],
)
def test_digits_are_what_is_left_of_a_phone_number(text, digits):
    assert digits_of(text) == digits
