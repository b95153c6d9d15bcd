"""A GET or HEAD of a page changes nothing.

The addresses come from the URLconf, as in `test_access`. Every table is compared, row by row,
except those that record looks, request counts and the end of sessions.
"""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from claims.models import Notice
from tests.house.access_table import POST_ONLY, TUS, all_names
from tests.house.test_access import arguments
from tests.house.test_access import claim as claim  # a fixture
from tests.makers import newest_event
from tests.reviewing import ask_for_evidence

PREFIXES = ("portal:", "admin:", "account_", "profile", "api_tokens")
PAGES = [name for name in all_names() if name.startswith(PREFIXES) and name not in POST_ONLY]
# The end of a session; the count of requests.
MAY_CHANGE = {"django_session", "accounts_requestcount"}
# The audit trail of looks at evidence; the count of requests to a sign-in page, and the desk's
# figures, which are counted once a minute.
COMPARED = {
    "claims_event": "WHERE kind <> 'evidence_seen'",
    "portal_cache": "WHERE cache_key !~ ':(allauth:rl:|desk-figures-)'",
}


def tables() -> list[str]:
    names = set(connection.introspection.table_names())
    assert names > MAY_CHANGE | set(COMPARED)
    return sorted(names - MAY_CHANGE)


def rows() -> dict[str, str]:
    """Return the content of each table, as a hash."""
    hashes = {}
    with connection.cursor() as cursor:
        for name in tables():
            where = COMPARED.get(name, "")
            cursor.execute(
                "SELECT md5(coalesce(string_agg(line::text, ' ' ORDER BY line::text), ''))"
                f" FROM {connection.ops.quote_name(name)} AS line {where}"
            )
            hashes[name] = cursor.fetchone()[0]
    return hashes


def changed(before: dict[str, str]) -> set[str]:
    after = rows()
    return {name for name in before if before[name] != after[name]}


@pytest.fixture
def asked(claim, sue):
    """Return a claim with an unread notice."""
    ask_for_evidence(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), note="Show it.", now=timezone.now()
    )
    assert Notice.objects.filter(read_at=None).exists()
    return claim


@pytest.mark.patient
@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_is_fetched_changes_nothing(name, asked, sue, ann, max_):
    address = reverse(name, args=arguments(name, asked, sue))
    headers = TUS if name == "portal:upload" else None
    for person in (None, ann, max_):
        client = Client()
        if person:
            client.force_login(person)
        before = rows()
        for fetch in (client.get, client.head):
            assert fetch(address, headers=headers).status_code < 500
            assert changed(before) == set()


def test_a_change_is_seen(asked):
    before = rows()

    Notice.objects.update(read_at=timezone.now())

    assert changed(before) == {"claims_notice"}
