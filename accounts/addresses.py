"""Email addresses: the one form in which the portal stores and looks up each, and their fields.

The domain is stored in ASCII (IDNA 2008, mapped by UTS #46), because mail and DNS carry that form,
lower case keeps it, and a domain that looks like another stays visible to staff. The local part is
stored in Unicode, which has no other form (RFC 6531).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from unicodedata import category, normalize

import idna
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

LONGEST_ADDRESS: Final = 254
"""In bytes of UTF-8 (RFC 5321, 4.5.3.1.3, without the brackets)."""
LONGEST_LOCAL_PART: Final = 64
"""In bytes of UTF-8 (RFC 5321, 4.5.3.1.1)."""
_A_LABEL: Final = "xn--"
_NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
# Format characters (among them bidi overrides), surrogates, private and unassigned ones, blanks.
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"})
# Fillers, joiners and variation selectors that Unicode files under letters, marks and symbols.
_BLANK: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0").union(
    map(chr, range(0x180B, 0x1810)), map(chr, range(0xFE00, 0xFE10)),
    map(chr, range(0xE0100, 0xE01F0)),
)  # fmt: skip

_NOT_AN_ADDRESS: Final = _("“%(text)s” is not an email address.")
_HOLDS_INVISIBLE: Final = _(
    "“%(text)s” is not an email address: before the @ is a blank or an invisible character."
)
_LONG_LOCAL_PART: Final = _(
    "“%(text)s” is not an email address: the part before the @ is longer than 64 bytes."
)
_LONG: Final = _("“%(text)s” is not an email address: it is longer than 254 bytes.")


def canonical_address(text: str) -> str:
    """Return the address as the portal stores it: in lower case and NFC, its domain in ASCII.

    Raises `ValidationError` (`email`) for a text that isn't an address, or that mail can't carry.
    """
    local, _at, domain = text.strip().rpartition("@")
    local = _lowered(local)
    if _is_invisible_in(local):
        raise _refusal(_HOLDS_INVISIBLE, text)
    if len(local.encode()) > LONGEST_LOCAL_PART:
        raise _refusal(_LONG_LOCAL_PART, text)
    try:
        address = f"{local}@{ascii_domain(domain)}"
        # Django's rule allows only ASCII, and RFC 6531 what isn't ASCII wherever a letter may be.
        validate_email(_NOT_ASCII.sub("x", address))
    except (ValidationError, UnicodeError) as error:  # idna's error is a UnicodeError
        raise _refusal(_NOT_AN_ADDRESS, text) from error
    if len(address.encode()) > LONGEST_ADDRESS:
        raise _refusal(_LONG, text)
    return address


def stored_form(text: str) -> str:
    """Return `canonical_address(text)`; the text itself if it isn't an address, for a search."""
    try:
        return canonical_address(text)
    except ValidationError:
        return text


def masked(address: str) -> str:
    """Return the address for somebody who may not learn it, such as b…@example.com."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}…{at}{domain}"


def validate_address(text: str) -> None:
    """Raise `ValidationError` (`email`) unless this is an email address."""
    canonical_address(text)


def ascii_domain(domain: str) -> str:
    """Return the domain with each label in ASCII. Raises `UnicodeError` if IDNA forbids one."""
    # ASCII passes unchanged but for its case: idna's remap would refuse nothing more of it.
    mapped = idna.uts46_remap(_lowered(domain), std3_rules=False)
    if "@" in mapped:  # full-width, it was part of the domain
        raise UnicodeError("a domain holds no @")
    return ".".join(map(_ascii_label, mapped.split(".")))


def _ascii_label(label: str) -> str:
    if not label.isascii():
        return idna.alabel(label).decode()
    if label.startswith(_A_LABEL) and not _is_a_label(label):
        raise UnicodeError("the label begins as an A-label and is none")
    return label


def _is_a_label(label: str) -> bool:
    """Return whether the label is the Punycode of a text that UTS #46 leaves as it is.

    That allows signs, such as hearts, which IDNA 2008 forbids: such domains exist, and mail to
    their ASCII form arrives.
    """
    text = label.removeprefix(_A_LABEL).encode().decode("punycode")
    return (
        not text.isascii()
        and idna.uts46_remap(text, std3_rules=False) == text
        and _A_LABEL + text.encode("punycode").decode() == label
    )


def _lowered(text: str) -> str:
    return normalize("NFC", normalize("NFC", text).lower())


def _is_invisible_in(local: str) -> bool:
    others = _NOT_ASCII.findall(local)
    return bool(_CONTROL.search(local)) or any(
        category(character) in _INVISIBLE or character in _BLANK for character in others
    )


def _refusal(message: _StrPromise, text: str) -> ValidationError:
    return ValidationError(message, code="email", params={"text": text})


if TYPE_CHECKING:
    # The stubs tell nullable fields apart by the parameters of the field's own class.
    AddressField = models.CharField
else:

    class AddressField(models.CharField):
        """The column of an address, which cleaning brings into its canonical form.

        Django's `EmailField` refuses local parts that aren't ASCII.
        """

        default_validators = [validate_address]

        def __init__(self, *args: Any, **options: Any) -> None:
            options.setdefault("max_length", LONGEST_ADDRESS)
            super().__init__(*args, **options)

        def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
            """Name the plain field, so that migrations import nothing from here."""
            name, _path, args, options = super().deconstruct()
            return name, "django.db.models.CharField", args, options

        def clean(self, value: Any, model_instance: models.Model | None) -> Any:
            cleaned = super().clean(value, model_instance)
            return canonical_address(cleaned) if cleaned else cleaned


class AddressFormField(forms.CharField):
    """A form's address. It cleans to the canonical form.

    Its input has the type `text`: browsers refuse local parts that aren't ASCII in one of `email`.
    """

    widget = forms.TextInput(
        attrs={
            "inputmode": "email",
            "autocomplete": "email",
            "autocapitalize": "none",
            "spellcheck": "false",
            "placeholder": _("Email address"),
        }
    )

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("Email"))
        options.setdefault("max_length", 320)
        super().__init__(**options)

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        return canonical_address(text) if text else text
