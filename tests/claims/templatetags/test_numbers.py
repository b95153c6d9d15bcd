from django.utils.translation import override

from claims.templatetags.numbers import flag, megabytes, minutes


def test_a_flag_has_its_countrys_name():
    assert flag("DE") == '<span role="img" aria-label="Germany" title="Germany">🇩🇪</span>'
    assert 'aria-label="QQ"' in flag("QQ")
    with override("de"):
        assert 'aria-label="Deutschland"' in flag("DE")


def test_limits_are_told_in_the_units_that_people_use():
    assert megabytes(10 * 1024 * 1024) == "10\N{NO-BREAK SPACE}MB"
    assert megabytes(1024 * 1024 + 512 * 1024) == "1.5\N{NO-BREAK SPACE}MB"
    assert minutes(180.0) == "3\N{NO-BREAK SPACE}minutes"
    assert minutes(60) == "1\N{NO-BREAK SPACE}minute"
