import csv
import io

import pytest
from django.urls import reverse
from django.utils import timezone

from claims.actions.filing import withdraw_claim
from tests.makers import make_claim, make_order

URL = reverse("admin:claims_claim_export")


def rows(response):
    text = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text)))


def test_the_export_has_the_claims_of_the_list_with_its_filters(ann, bob, rita, browse):
    shown = make_claim(make_order(ann, country="BR"))
    make_claim(make_order(ann, country="DE"))
    closed = make_claim(make_order(bob, country="BR"))
    withdraw_claim(claim_id=closed.pk, by=bob, now=timezone.now())

    response = browse(rita).get(URL, {"country": "BR"})

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="claims-')
    assert [shown.code] == [row["code"] for row in rows(response)]


def test_the_export_follows_the_search(ann, bob, rita, browse):
    make_claim(make_order(ann))
    wanted = make_claim(make_order(bob))

    assert [row["code"] for row in rows(browse(rita).get(URL, {"q": "bob@"}))] == [wanted.code]


def test_a_list_that_cannot_be_filtered_like_that_is_not_exported(rita, browse):
    response = browse(rita).get(URL, {"id": "not a number"})

    assert response.status_code == 302
    assert response.url == reverse("admin:claims_claim_changelist")


@pytest.mark.parametrize("who", ["sue", "max_", "otto"])
def test_only_reports_export(who, browse, request):
    client = browse(request.getfixturevalue(who))

    assert client.get(URL).status_code == 403
    assert URL not in client.get(reverse("admin:claims_claim_changelist")).content.decode()


def test_the_button_carries_the_filters_along(rita, ann, browse):
    make_claim(make_order(ann))

    page = browse(rita).get(reverse("admin:claims_claim_changelist"), {"kind": "major_defect"})

    assert f'href="{URL}?kind=major_defect"' in page.content.decode()


def test_an_export_is_only_read(rita, ann, browse):
    assert browse(rita).post(URL).status_code == 405
    assert browse(ann).get(URL).status_code == 302
