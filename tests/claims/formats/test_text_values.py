from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from claims.formats.text_values import Notation, TextValues

COMMAS = Notation(has_decimal_commas=True)


def flag(text):
    return TextValues({"two_factor": text}).flag("two_factor")


def amount(text, notation=COMMAS):
    return TextValues({"price": text}, notation).amount("price")


@pytest.mark.parametrize("text", ["TRUE", "true", "1", "yes", "Yes", "y", "ja", "J", "WAHR"])
def test_a_flag_is_set_by_the_words_of_spreadsheets_and_people(text):
    assert flag(text) is True


@pytest.mark.parametrize("text", ["FALSE", "false", "0", "no", "n", "N", "nein", "Falsch"])
def test_a_flag_is_cleared_by_the_opposites(text):
    assert flag(text) is False


@pytest.mark.parametrize("text", ["2", "x", "t", "oui", "-1", "truе"])
def test_any_other_word_is_no_flag(text):
    with pytest.raises(ValueError, match="is neither true nor false"):
        flag(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2,50", "2.50"),
        ("2,5", "2.5"),
        ("2.50", "2.50"),
        ("2", "2"),
        ("0,125", "0.125"),
        ("1.234,50", "1234.50"),
        ("1250,000", "1250.000"),
        ("-2,50", "-2.50"),
    ],
)
def test_a_decimal_comma_is_taken_where_it_means_one_amount(text, value):
    assert str(amount(text)) == value


@pytest.mark.parametrize("text", ["1,250", "1.250", "999.999", "-1,250"])
def test_a_mark_before_three_digits_is_refused_with_what_to_write(text):
    with pytest.raises(ValueError, match=r"may be .* or .* and a fraction\. Write"):
        amount(text)


def test_the_message_shows_both_ways_to_write_an_ambiguous_amount():
    with pytest.raises(ValueError) as refused:
        amount("1,250")

    assert str(refused.value) == (
        "“1,250” may be 1250 or 1 and a fraction. Write 1250,00, or 1,2500"
    )
    assert (amount("1250,00"), amount("1,2500")) == (Decimal(1250), Decimal("1.25"))


@pytest.mark.parametrize("text", ["1,2,3", "1.234.567", ",5", "5,", "1.23,45", "01.234,50"])
def test_a_text_that_is_no_amount_in_either_way_is_refused(text):
    with pytest.raises(ValueError, match=r"is not an amount such as 2\.50"):
        amount(text)


def test_without_decimal_commas_a_comma_is_refused_and_a_dot_is_a_decimal_one():
    assert amount("1.250", Notation()) == Decimal("1.250")
    with pytest.raises(ValueError, match="is not an amount"):
        amount("2,50", Notation())


def test_a_line_break_in_a_cell_is_a_space():
    values = TextValues({"customer_name": "\nAnn \r\n Lee\n", "phone": " \n"})

    assert values.text("customer_name") == "Ann Lee"
    assert not values.has("phone")


def test_the_zone_of_the_notation_is_for_instants_without_an_offset():
    values = TextValues({"at": "28.11.2026 10:00"}, Notation(zone=ZoneInfo("Europe/Berlin")))

    assert values.instant("at") == datetime(2026, 11, 28, 9, tzinfo=UTC)
