from datetime import timedelta
from unittest.mock import patch

import pytest
from django.urls import reverse
from django.utils import timezone

from claims.admin.registrations import policy_version
from claims.models import PolicyVersion
from tests.makers import make_order

ADD = reverse("admin:claims_policyversion_add")


def words(**changes):
    start = timezone.now() + timedelta(days=30)
    return {
        "name": "2027-01-01",
        "effective_from_0": f"{start:%Y-%m-%d}",
        "effective_from_1": "00:00:00",
        "terms_version": "2027-01-01",
        "claim_days": "7",
        "repair_days": "5",
        "time_zone": "UTC",
        "reason_min_length": "20",
    } | changes


def change(version):
    return reverse("admin:claims_policyversion_change", args=[version.pk])


@pytest.fixture
def coming(db) -> PolicyVersion:
    return PolicyVersion.objects.create(
        name="coming", effective_from=timezone.now() + timedelta(days=9), terms_version="9"
    )


@pytest.fixture
def used(ann) -> PolicyVersion:
    return make_order(ann).policy_version


def test_a_supervisor_adds_a_version(max_, browse):
    assert browse(max_).post(ADD, words()).status_code == 302
    assert PolicyVersion.objects.get(name="2027-01-01").claim_days == 7


def test_a_version_that_no_order_uses_may_change(max_, coming, browse):
    assert browse(max_).post(change(coming), words(claim_days="8")).status_code == 302
    coming.refresh_from_db()
    assert coming.claim_days == 8


def test_a_version_that_orders_use_is_shown_without_fields(max_, used, browse):
    page = browse(max_).get(change(used)).content.decode()

    assert used.name in page
    assert 'name="claim_days"' not in page


def test_saving_a_version_that_was_used_meanwhile_says_so(max_, used, browse):
    response = browse(max_).post(change(used), words(claim_days="9"), follow=True)

    assert "Nothing was saved: orders were bought under this version." in response.content.decode()
    used.refresh_from_db()
    assert used.claim_days == 5


def test_the_refusal_of_the_database_is_told_in_words_too(max_, used, browse):
    client = browse(max_)
    with patch.object(policy_version, "_is_used", return_value=False):
        response = client.post(change(used), words(claim_days="9"))

    assert response.status_code == 302
    page = client.get(change(used)).content.decode()
    assert "Nothing was saved: orders were bought under this version." in page
    used.refresh_from_db()
    assert used.claim_days == 5


def test_numbers_that_make_no_sense_are_refused_with_words(max_, browse):
    response = browse(max_).post(ADD, words(claim_days="0", time_zone="Mars/Olympus"))

    assert response.status_code == 200
    assert set(response.context["adminform"].form.errors) == {"claim_days", "time_zone"}


@pytest.mark.parametrize("who", ["sue", "otto"])
def test_only_supervisors_write_the_policy(who, coming, browse, request):
    client = browse(request.getfixturevalue(who))

    assert client.get(change(coming)).status_code == 200
    assert client.post(change(coming), words()).status_code == 403
    assert client.post(ADD, words()).status_code == 403
