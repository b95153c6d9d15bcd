"""One form for each email address, however it is typed."""

import pytest
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from hypothesis import given
from hypothesis import strategies as st

from accounts.addresses import AddressFormField, canonical_address, masked, stored_form
from accounts.models import User


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("ANN+shop@Example.COM", "ann+shop@example.com"),
        (" ann@example.com\u00a0", "ann@example.com"),
        ("o'brien@example.com", "o'brien@example.com"),
        ('"a\\ b"@example.com', '"a\\ b"@example.com'),
        ("ann@[192.0.2.7]", "ann@[192.0.2.7]"),
        ("ann@ab--cd.example", "ann@ab--cd.example"),
        ("JÖRG@Example.com", "jörg@example.com"),
        ("jo\u0308rg@example.com", "jörg@example.com"),
        ("ann@Müller.example", "ann@xn--mller-kva.example"),
        ("ann@mu\u0308ller.example", "ann@xn--mller-kva.example"),
        ("ann@XN--MLLER-KVA.example", "ann@xn--mller-kva.example"),
        ("ann@müller。example", "ann@xn--mller-kva.example"),
        ("ann@straße.example", "ann@xn--strae-oqa.example"),
        ("سلمى@مثال.إختبار", "سلمى@xn--mgbh0fb.xn--kgbechtv"),
        ("ann@xn--n3h.example", "ann@xn--n3h.example"),
        ('"jörg"@example.com', '"jörg"@example.com'),
        ("🎉@example.com", "🎉@example.com"),
    ],
)
def test_an_address_has_one_form(typed, stored):
    assert canonical_address(typed) == stored
    assert canonical_address(stored) == stored


@pytest.mark.parametrize(
    "text",
    [
        "", "ann", "@example.com", "ann@", "7@messenger", "ann@@example.com", "ann@example..com",
        "jörg..m@example.com", "jörg m@example.com", "ann@müller_x.example", "ann@-müller.example",
        "ann@☃.example", "ann@xn--a.example", "ann@xn--mLLer-.example", "ann@xn--abc.example",
        f"ann@{'ü' * 60}.example", "ann@mül\ud800.example", '"ann@müller"＠example.com',
        "ann@mü\u202eller.example", "ann@müller.example.", "ann@example.com, bob@example.com",
    ],
)  # fmt: skip
def test_other_texts_are_refused(text):
    with pytest.raises(ValidationError, match="is not an email address") as refused:
        canonical_address(text)
    assert refused.value.code == "email"


@pytest.mark.parametrize(
    "character",
    "\x00\n\x7f\u0085\u200b\u200d\u200e\u202e\u2066\ufeff\u00ad\u00a0\u3000\u3164\ufe0f\u180b"
    "\ud800\ue000\u0378",
)
def test_an_invisible_character_in_the_local_part_is_refused(character):
    with pytest.raises(ValidationError, match="a blank or an invisible character"):
        canonical_address(f"an{character}n@example.com")


def test_lengths_are_counted_in_bytes():
    assert canonical_address(f"{'ü' * 32}@example.com")
    with pytest.raises(ValidationError, match="longer than 64 bytes"):
        canonical_address(f"{'ü' * 33}@example.com")

    domain = ".".join(["d" * 60] * 4)
    assert len(canonical_address(f"{'a' * 10}@{domain}")) == 254
    with pytest.raises(ValidationError, match="longer than 254 bytes"):
        canonical_address(f"{'a' * 11}@{domain}")


@given(st.text(max_size=20), st.text(max_size=12))
def test_the_form_of_a_form_is_itself(local, name):
    for typed in (f"{local}@{name}.example", f"{local}@example.com"):
        try:
            stored = canonical_address(typed)
        except ValidationError:
            continue
        assert canonical_address(stored) == stored == stored.lower()
        assert len(stored.encode()) <= 254


@given(st.emails())
def test_an_ascii_address_that_django_accepts_is_kept_in_lower_case(address):
    lowered = address.lower()
    try:
        validate_email(lowered)
    except ValidationError:
        return
    is_long = len(lowered.rpartition("@")[0]) > 64 or len(lowered) > 254
    if not is_long and "xn--" not in lowered:
        assert canonical_address(address) == lowered


def test_a_searched_text_that_is_no_address_stays_as_it_is():
    assert stored_form("CLM-7K3M") == "CLM-7K3M"
    assert stored_form("ANN@Müller.example") == "ann@xn--mller-kva.example"


def test_a_form_cleans_to_the_form_and_lets_the_browser_send_any():
    field = AddressFormField()
    assert field.clean(" JÖRG@Müller.example ") == "jörg@xn--mller-kva.example"
    assert field.widget.input_type == "text"
    with pytest.raises(ValidationError, match="“jörg” is not an email address"):
        field.clean("jörg")


@pytest.mark.django_db
def test_people_are_kept_and_found_by_it():
    person = User.objects.create_user("JÖRG@Müller.example")

    assert person.email == "jörg@xn--mller-kva.example"
    assert User.objects.get_by_natural_key("jörg@MÜLLER.example") == person
    for nobody in ("jörg", "", None):
        with pytest.raises(User.DoesNotExist):
            User.objects.get_by_natural_key(nobody)


@pytest.mark.django_db
@pytest.mark.parametrize("email", ["jörg", "jö\u202erg@example.com"])
def test_no_person_has_another_text_for_an_address(email):
    with pytest.raises(ValidationError) as refused:
        User.objects.create_user(email)
    assert set(refused.value.error_dict) == {"email"}


@pytest.mark.django_db
def test_two_spellings_are_one_person():
    User.objects.create_user("ann@müller.example")
    with pytest.raises(ValidationError, match="There is an account with this email"):
        User.objects.create_user("ANN@xn--mller-kva.example")


def test_a_masked_address_keeps_the_first_letter_and_the_domain():
    assert masked("bob@example.com") == "b…@example.com"
    assert masked("b@example.com") == "b…@example.com"
