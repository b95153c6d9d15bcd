"""The holders of email addresses: the shop tells addresses of customers with an id.

A person's address is the one that was told last. If it was told of several people, the one of whom
it was told last holds it, and the others have none. So the result is a function of all that the
shop told, whatever its order. The address of a member of staff is theirs alone, and the shop can't
change it.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.db.models import Min, Q

from accounts.models import ApiToken, CustomerAddress, CustomerMerge, User

OF_NOBODY_MERGED: Final = ~Q(user__merges_away__state=CustomerMerge.State.DONE)
log = logging.getLogger(__name__)
LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
# A row is written again only by what is newer, so a repeated report writes nothing.
KEEP = """
INSERT INTO accounts_customeraddress AS known (user_id, email, told_at, is_former)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::boolean[])
    ON CONFLICT (user_id, email)
    DO UPDATE SET told_at = excluded.told_at, is_former = excluded.is_former
 WHERE NOT excluded.is_former
   AND (known.told_at IS NULL OR known.told_at < excluded.told_at OR known.is_former)
"""


class ToldAddress(NamedTuple):
    """An address of a person, and when the shop told it; None if it never did with their id.

    One that is `is_former` is of a customer who became this person, and never becomes theirs.
    """

    user_id: int
    email: str
    at: datetime | None
    is_former: bool = False


def tell_addresses(told: Collection[ToldAddress], *, now: datetime) -> None:
    """Keep these addresses, and change those of people who should hold another one by now.

    Their sessions, tokens and password end, and the new address has to be proven. Call it while
    no other transaction tells addresses.
    """
    if not told:
        return
    told_people = {each.user_id for each in told}
    known = CustomerAddress.objects.filter(user__in=told_people).values_list("email", flat=True)
    touched = {each.email for each in told} | set(known)
    _keep(_held(touched, told_people) + _newest(told))
    _move(_wanted(touched), now=now)


def addresses_of(user: User) -> list[str]:
    """Return all addresses that a person has, or had before, in alphabetical order."""
    told = CustomerAddress.objects.filter(user=user).values_list("email", flat=True)
    return sorted({*told, user.email.lower()} - {""})


def hand_over_addresses(merged: User, survivor: User, *, now: datetime) -> None:
    """Give a survivor the addresses of a merged person, whose sign-in ends.

    They never become the survivor's own.
    """
    addresses = addresses_of(merged)
    rows = CustomerAddress.objects.filter(user=merged)
    _move({merged: ""}, now=now)
    User.objects.filter(pk=merged.pk).update(is_active=False)
    theirs = CustomerAddress.objects.filter(user=survivor).values("email")
    rows.exclude(email__in=theirs).update(user=survivor, told_at=None, is_former=True)
    _keep([ToldAddress(survivor.pk, email, None, is_former=True) for email in addresses])


def people_told(emails: Collection[str]) -> dict[str, set[int]]:
    """Return the ids of all people of whom the shop ever told these addresses, by address."""
    people: dict[str, set[int]] = defaultdict(set)
    rows = CustomerAddress.objects.filter(OF_NOBODY_MERGED, email__in=emails)
    for email, user_id in rows.values_list("email", "user_id"):
        people[email].add(user_id)
    return people


def heirs(emails: Collection[str]) -> dict[str, User]:
    """Return the people who got these addresses from a merged customer, by address."""
    rows = CustomerAddress.objects.filter(OF_NOBODY_MERGED, email__in=emails, is_former=True)
    return {row.email: row.user for row in rows.select_related("user")}


def _newest(told: Iterable[ToldAddress]) -> list[ToldAddress]:
    newest: dict[tuple[int, str], ToldAddress] = {}
    for each in sorted(told, key=lambda each: each.at or LONG_AGO):
        newest[each.user_id, each.email] = each
    return list(newest.values())


def _held(emails: Collection[str], user_ids: Collection[int]) -> list[ToldAddress]:
    """Return the addresses that these people, and the holders of these addresses, have now."""
    told = User.objects.filter(pk__in=user_ids).exclude(email="")
    people = {*User.objects.with_addresses(emails), *told}
    return [ToldAddress(user.pk, user.email.lower(), None) for user in people]


def _keep(told: Collection[ToldAddress]) -> None:
    for some in ([t for t in told if t.at is None], [t for t in told if t.at]):
        columns = [list(column) for column in zip(*some, strict=True)]
        if columns:
            with connection.cursor() as cursor:
                cursor.execute(KEEP, columns)


def _wanted(touched: Collection[str]) -> dict[User, str]:
    """Return the people who should hold another address by now, each with it; '' is none."""
    newest = _newest_of_each(touched)
    holders: dict[str, User] = {}
    for user in _by_claim(newest):
        holders.setdefault(newest[user].email, user)
    wanted = {}
    for user, row in newest.items():
        if user.is_staff or (row.email not in touched and user.email not in touched):
            continue
        email = row.email if holders[row.email] == user else ""
        if email != user.email.lower():
            wanted[user] = email
    return wanted


def _newest_of_each(touched: Collection[str]) -> dict[User, CustomerAddress]:
    """Return the newest address of each person who has, or had, one of these.

    That of a member of staff is always their own.
    """
    of_people = CustomerAddress.objects.filter(email__in=touched).values("user")
    rows = CustomerAddress.objects.filter(OF_NOBODY_MERGED, user__in=of_people, is_former=False)
    rows = rows.select_related("user")
    newest: dict[User, CustomerAddress] = {}
    for row in sorted(rows, key=lambda row: (row.told_at or LONG_AGO, row.email)):
        if not row.user.is_staff or row.email == row.user.email.lower():
            newest[row.user] = row
    return newest


def _by_claim(newest: Mapping[User, CustomerAddress]) -> list[User]:
    """Return the people in the order in which they may hold an address, the first one first."""
    ids = User.objects.filter(pk__in=[user.pk for user in newest]).annotate(
        first_id=Min("customer_ids__customer_id")
    )
    first_ids = dict(ids.values_list("pk", "first_id"))
    people = sorted(newest, key=lambda user: (first_ids[user.pk] or "", user.pk))
    people.sort(key=lambda user: newest[user].told_at or LONG_AGO, reverse=True)
    people.sort(key=lambda user: not user.is_staff)
    return people


def lock_people(people: Collection[User]) -> None:
    """Wait for whoever is making a token for one of these people, who is locked for it."""
    locked = User.objects.select_for_update(no_key=True).filter(pk__in=[each.pk for each in people])
    list(locked.order_by("pk").values_list("pk"))


def _move(wanted: Mapping[User, str], *, now: datetime) -> None:
    if not wanted:
        return
    people = list(wanted)
    lock_people(people)
    EmailAddress.objects.filter(user__in=people).delete()
    ApiToken.objects.filter(owner__in=people, revoked_at__isnull=True).update(revoked_at=now)
    # Two of them may exchange their addresses, so all are freed first.
    User.objects.filter(pk__in=[user.pk for user in people]).update(email="")
    for user, email in wanted.items():
        log.info("The address of user %s changes by the shop's word.", user.pk)
        user.email = email
        user.password = make_password(None)  # a session ends when the password changes
    User.objects.bulk_update(people, ["email", "password"])
    EmailAddress.objects.bulk_create(
        [EmailAddress(user=user, email=user.email, primary=True) for user in people if user.email]
    )
