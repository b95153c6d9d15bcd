"""Customers as the shop names them, by its own id, by an address, or by both.

A customer with an id is that id's, whatever their address. Others are their address, unless it has
been another person's: then nobody can tell whose it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from accounts.address_holders import ToldAddress, heirs, people_told, tell_addresses
from accounts.models import CustomerId, User
from accounts.proving import forget_unproven_password


class Named(NamedTuple):
    """A customer as the shop names them; one of the two may be ''. The address is canonical."""

    customer_id: str = ""
    email: str = ""

    def __str__(self) -> str:
        return self.customer_id or self.email


class Mention(NamedTuple):
    """A customer's name for people, or '', and their address, as the shop told them at `at`."""

    named: Named
    display_name: str
    at: datetime


class LookedUp(NamedTuple):
    """The people so named, without unknown ones, and the contested addresses.

    A contested address is, or was, of more than one person, and came without an id.
    """

    people: dict[Named, User]
    contested: set[str]


def find_customers(names: Collection[Named]) -> dict[Named, User]:
    """Return the people so named. It leaves out unknown ones, and those of a contested address."""
    return look_up(names).people


def contested_addresses(names: Collection[Named]) -> set[str]:
    """Return the addresses without an id that are, or were, of more than one person."""
    return look_up(names).contested


def look_up(names: Collection[Named]) -> LookedUp:
    """Return the people so named, and the addresses of which nobody can tell whose they are."""
    ids = {named.customer_id for named in names if named.customer_id}
    by_id = {row.customer_id: row.user for row in _known_ids(ids)}
    without_id = {named.email for named in names if not named.customer_id}
    by_email, contested = _by_address(without_id)
    pairs = (
        (named, by_id.get(named.customer_id) if named.customer_id else by_email.get(named.email))
        for named in names
    )
    return LookedUp({named: user for named, user in pairs if user}, contested)


def recognise(mentions: Sequence[Mention], *, buyers: Mapping[str, int], now: datetime) -> int:
    """Add the customers whose ids nobody knows yet, and keep the told addresses of all with an id.

    Returns the number of new people.

    `buyers` has the primary keys of people who bought orders that the shop now tells under an id,
    by that id. A new id is of such a buyer, or of the person with its address, if they have no id.
    """
    mentions = sorted((each for each in mentions if each.named.customer_id), key=_by_time)
    ids = {row.customer_id: row for row in _known_ids({m.named.customer_id for m in mentions})}
    unknown = [each for each in mentions if each.named.customer_id not in ids]
    added = 0
    if unknown:
        owners = _adopted(unknown, buyers)
        new = _new_people(unknown, owners, now=now)
        added = len(new)
        ids |= _give_ids(owners | new, now=now)
    tell_addresses([_told(each, ids) for each in mentions if each.named.email], now=now)
    return added


def adopt_customers(user_ids: Collection[int]) -> dict[int, User]:
    """Return these people after removing the passwords of unproven addresses.

    The caller has an order of the shop, which vouches for the address. Until then anyone could
    have signed up with it and set a password.
    """
    found = User.objects.in_bulk(user_ids)
    proven = EmailAddress.objects.filter(user__in=found, verified=True)
    known = set(proven.values_list("user_id", flat=True))
    for user in found.values():
        if user.pk not in known:
            forget_unproven_password(user)
    return found


def add_customers(names: Mapping[str, str], *, now: datetime) -> list[User]:
    """Add the customers who don't exist yet, by address and name, and return them.

    They have no password. The address counts as unverified until an emailed code, or a password
    reset, proves that it is theirs.
    """
    there = {user.email.lower() for user in User.objects.with_addresses(names)}
    missing = {email.lower(): name for email, name in names.items() if email.lower() not in there}
    User.objects.bulk_create(
        [_person(email, name, now=now) for email, name in sorted(missing.items())],
        # Someone may sign up with the same address at this moment.
        ignore_conflicts=True,
    )
    people = User.objects.with_addresses(missing).values_list("pk", flat=True)
    added = list(adopt_customers(people).values())
    EmailAddress.objects.bulk_create(
        [EmailAddress(user=user, email=user.email, primary=True) for user in added],
        ignore_conflicts=True,
    )
    return added


def _known_ids(ids: Collection[str]) -> Iterable[CustomerId]:
    return CustomerId.objects.filter(customer_id__in=ids).select_related("user")


def _by_address(emails: Collection[str]) -> tuple[dict[str, User], set[str]]:
    """Return the people of these addresses, and the addresses that are contested.

    An address that nobody holds is of the person who got it from a merged customer.
    """
    emails = set(emails) - {""}
    owners = {user.email.lower(): user for user in User.objects.with_addresses(emails)}
    owners |= heirs(emails - owners.keys())
    known = {email: user.pk for email, user in owners.items()}
    told = people_told(emails)
    contested = {email for email, people in told.items() if people - {known.get(email)}}
    return {email: user for email, user in owners.items() if email not in contested}, contested


def _by_time(mention: Mention) -> tuple[datetime, Named]:
    return mention.at, mention.named


def _adopted(unknown: Iterable[Mention], buyers: Mapping[str, int]) -> dict[str, User]:
    """Return the known people who get these ids, by id: each gets the first one told."""
    bought = User.objects.in_bulk(set(buyers.values()))
    holders, _ = _by_address({each.named.email for each in unknown})
    people = {user.pk for user in [*bought.values(), *holders.values()]}
    taken = set(CustomerId.objects.filter(user__in=people).values_list("user_id", flat=True))
    owners: dict[str, User] = {}
    for customer_id, email in (each.named for each in unknown):
        buyer = bought.get(buyers.get(customer_id, 0))
        for user in (buyer, holders.get(email)):
            if user and user.pk not in taken and customer_id not in owners:
                owners[customer_id] = user
                taken.add(user.pk)
    adopt_customers([user.pk for user in owners.values()])
    return owners


def _new_people(
    unknown: Iterable[Mention], owners: Mapping[str, User], *, now: datetime
) -> dict[str, User]:
    """Add a person without an address for each id without an owner, by the newest name."""
    names: dict[str, str] = {}
    for each in unknown:
        customer_id = each.named.customer_id
        if customer_id not in owners:
            names[customer_id] = each.display_name or names.get(customer_id, "")
    people = User.objects.bulk_create(_person("", name, now=now) for name in names.values())
    return dict(zip(names, people, strict=True))


def _person(email: str, display_name: str, *, now: datetime) -> User:
    return User(
        email=email, display_name=display_name, password=make_password(None), date_joined=now
    )


def _give_ids(owners: Mapping[str, User], *, now: datetime) -> dict[str, CustomerId]:
    rows = CustomerId.objects.bulk_create(
        CustomerId(customer_id=customer_id, user=user, made_at=now)
        for customer_id, user in owners.items()
    )
    return {row.customer_id: row for row in rows}


def _told(mention: Mention, ids: Mapping[str, CustomerId]) -> ToldAddress:
    """Return a mention's address. Under the id of a merged customer it moves nobody."""
    row, email = ids[mention.named.customer_id], mention.named.email
    if row.merged_at:
        return ToldAddress(row.user_id, email, None, is_former=True)
    return ToldAddress(row.user_id, email, mention.at)
