import csv
import io

import pytest
from django.utils import timezone

from claims.actions.customer.withdrawal import withdraw_claim
from claims.queries.review import queue
from tests.claims.admin.asking import EXPORT, QUEUE, codes
from tests.makers import make_claim, make_lease, make_order


def rows(response):
    text = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text)))


def exported(client, **query):
    return [row["code"] for row in rows(client.get(EXPORT, query))]


def test_the_export_has_the_claims_of_the_list_with_its_filters(ann, bob, rita, browse):
    shown = make_claim(make_order(ann, country="BR"))
    make_claim(make_order(ann, country="DE"))
    closed = make_claim(make_order(bob, country="BR"))
    withdraw_claim(claim_id=closed.pk, by=bob, now=timezone.now())

    response = browse(rita).get(EXPORT, {"country": "BR"})

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="claims-')
    assert [shown.code] == [row["code"] for row in rows(response)]


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"tab": "unassigned"},
        {"tab": "mine"},
        {"tab": "closed"},
        {"tab": "closed", "filed": "7-days"},
        {"assignee": "nobody"},
        {"q": "bob@"},
        {"q": "nobody knows"},
    ],
)
def test_the_export_has_every_page_of_the_list_in_its_order(
    query, ann, bob, rita, browse, monkeypatch
):
    now = timezone.now()
    for customer in (ann, bob) * 3:
        make_claim(make_order(customer), now=now)
    closed = [make_claim(make_order(bob), now=now) for _ in range(3)]
    for claim in closed:
        withdraw_claim(claim_id=claim.pk, by=bob, now=now)
    client = browse(rita)

    listed = codes(client, **query)
    monkeypatch.setattr(queue, "PER_PAGE", 2)

    assert exported(client, **query) == listed


def test_the_mine_of_an_export_is_the_exporters(ann, root, browse):
    claim = make_claim(make_order(ann))
    make_lease(claim, root)
    make_claim(make_order(ann))

    assert exported(browse(root), tab="mine") == [claim.code]


@pytest.mark.parametrize("query", [{"kind": "nothing"}, {"tab": "nothing"}, {"service": "NO"}])
def test_a_list_that_cannot_be_asked_for_like_that_is_not_exported(query, rita, browse):
    response = browse(rita).get(EXPORT, query)

    assert response.status_code == 302
    assert response.url == QUEUE


@pytest.mark.parametrize("who", ["sue", "max_", "otto"])
def test_only_reports_export(who, browse, request):
    client = browse(request.getfixturevalue(who))

    assert client.get(EXPORT).status_code == 403
    assert EXPORT not in client.get(QUEUE).content.decode()


def test_the_button_carries_the_filters_along(rita, ann, browse):
    make_claim(make_order(ann))

    page = browse(rita).get(QUEUE, {"kind": "major_defect", "after": "x"})

    assert f'href="{EXPORT}?tab=open&amp;kind=major_defect"' in page.content.decode()


def test_an_export_is_only_read(rita, ann, browse):
    assert browse(rita).post(EXPORT).status_code == 405
    assert browse(ann).get(EXPORT).status_code == 302
