"""A search for claims by a code, an order id, a phone number, an email address or a customer id.

Each has an index of its own, and a search looks at a limited number of rows, so it costs the same
among a thousand claims and a million.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db.models import F, QuerySet
from django.db.models.functions import Lower, Reverse

from accounts.addresses import stored_form
from accounts.models import CustomerId, User
from claims.models import Claim, Number, Order
from claims.models.claim_code import CODE_ALPHABET
from claims.queries.core.id_arrays import AnyOf
from claims.queries.orders.order_search import digits_of

MOST_FOUND: Final = 200
MOST_LOOKED_AT: Final = 500
"""The most orders, numbers or people that a search looks at; not all have claims."""
FEWEST_LETTERS: Final = 3
FEWEST_DIGITS: Final = 4
"""The fewest first or last digits of a phone number."""
FEWEST_OF_CODE: Final = 4
CODE_LENGTH: Final = 12
# Crockford's base 32 reads these letters as digits.
MISTAKEN = str.maketrans("OIL", "011")


@dataclass(frozen=True)
class Found:
    ids: frozenset[int]
    is_all: bool
    """True if the search looked at every row that matches."""


def find_claims(text: str) -> Found:
    """Return claims by code, shop's order id, phone number, or customer's email or id."""
    text = text.strip()
    ids: set[int] = set()
    is_all = True
    for look_up in (_by_code, _by_order, _by_phone, _by_email, _by_customer_id):
        found = look_up(text)
        ids |= found.ids
        is_all &= found.is_all
    return Found(frozenset(sorted(ids)[-MOST_FOUND:]), is_all and len(ids) <= MOST_FOUND)


def _by_code(text: str) -> Found:
    """Return claims by a code or its beginning, in any case, with or without CLM and dashes."""
    body = re.sub(r"[\s-]", "", text.upper()).removeprefix("CLM").translate(MISTAKEN)
    if not FEWEST_OF_CODE <= len(body) <= CODE_LENGTH or set(body) - set(CODE_ALPHABET):
        return _found([], MOST_FOUND)
    code = "-".join(["CLM", *(body[at : at + 4] for at in range(0, len(body), 4))])
    claims = Claim.objects.filter(code__startswith=code)
    return _capped(claims, MOST_FOUND)


def _by_order(text: str) -> Found:
    if len(text) < FEWEST_LETTERS:
        return _found([], MOST_FOUND)
    orders = Order.objects.alias(lower=Lower("shop_id")).filter(lower__startswith=text.lower())
    return _claims_on(_capped(orders, MOST_LOOKED_AT))


def _by_phone(text: str) -> Found:
    """Return claims by the first digits, with the country code, or the last digits of a number.

    A number that isn't in E.164 is found by any part of what was sent.
    """
    parts = [digits for digits in digits_of(text) if len(digits) >= FEWEST_DIGITS]
    ends = Number.objects.alias(reverse=Reverse("phone"))
    # Separate queries: each is a range of an index, and one query of all would use no index.
    looks = [
        *(Number.objects.filter(phone__startswith=f"+{digits}") for digits in parts),
        *(ends.filter(reverse__startswith=digits[::-1]) for digits in parts),
        *_by_sent_phone(text),
    ]
    found = _together(_capped(numbers, MOST_LOOKED_AT) for numbers in looks)
    if not found.ids:
        return found
    orders = Order.objects.filter(AnyOf(F("number_id"), found.ids))
    return _together(
        [_claims_on(_capped(orders, MOST_LOOKED_AT)), Found(frozenset(), found.is_all)]
    )


def _by_sent_phone(text: str) -> list[QuerySet[Number]]:
    if len(text) < FEWEST_DIGITS or not any(map(str.isdecimal, text)):
        return []
    return [Number.objects.filter(phone="", phone_sent__contains=text)]


def _by_email(text: str) -> Found:
    if len(text) < FEWEST_LETTERS or not any(map(str.isalpha, text)):
        return _found([], MOST_FOUND)
    people = _capped(
        User.objects.filter(email__startswith=stored_form(text).lower()), MOST_LOOKED_AT
    )
    return _claims_of(people)


def _by_customer_id(text: str) -> Found:
    """Return claims of the customer whom the shop knows by this id, in full."""
    owner = CustomerId.objects.filter(customer_id=text).values_list("user", flat=True)
    return _claims_of(_found(list(owner), 1))


def _claims_of(people: Found) -> Found:
    if not people.ids:
        return people
    orders = _capped(Order.objects.filter(AnyOf(F("customer_id"), people.ids)), MOST_LOOKED_AT)
    return _claims_on(_together([orders, Found(frozenset(), people.is_all)]))


def _claims_on(orders: Found) -> Found:
    if not orders.ids:
        return orders
    claims = _capped(Claim.objects.filter(AnyOf(F("order_id"), orders.ids)), MOST_FOUND)
    return Found(claims.ids, claims.is_all and orders.is_all)


def _together(parts: Iterable[Found]) -> Found:
    found = list(parts)
    ids = frozenset[int]().union(*(part.ids for part in found))
    return Found(ids, all(part.is_all for part in found))


def _capped(
    rows: QuerySet[Claim] | QuerySet[Order] | QuerySet[Number] | QuerySet[User], most: int
) -> Found:
    return _found(list(rows.order_by().values_list("pk", flat=True)[: most + 1]), most)


def _found(ids: list[int], most: int) -> Found:
    return Found(frozenset(ids[:most]), len(ids) <= most)
