from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction

from claims.models import PolicyVersion
from claims.policy import Terms
from tests.makers import make_order

pytestmark = pytest.mark.django_db
MAY = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def april():
    return PolicyVersion.objects.get(name="2026-04-01")


@pytest.fixture
def may():
    return PolicyVersion.objects.create(
        name="2026-05-01", effective_from=MAY, terms_version="2026-05-01", claim_days=7
    )


def test_the_version_of_april_2026_is_there_from_the_start(april):
    assert april.terms == Terms()
    assert april.effective_from == datetime(2026, 4, 1, tzinfo=UTC)


def test_a_version_is_in_force_from_its_first_instant_on(april, may):
    in_force = PolicyVersion.objects.in_force

    assert in_force(at=MAY - timedelta(microseconds=1)) == april
    assert in_force(at=MAY) == may
    assert in_force(at=MAY + timedelta(days=400)) == may


def test_what_was_bought_before_the_first_version_comes_under_it(april, may):
    assert PolicyVersion.objects.in_force(at=datetime(2020, 1, 1, tzinfo=UTC)) == april


def test_an_order_keeps_the_version_of_its_day(ann, april, may):
    before = make_order(ann, purchased_at=MAY - timedelta(seconds=1))
    after = make_order(ann, purchased_at=MAY)

    assert (before.policy_version, before.claims_close_at) == (
        april,
        datetime(2026, 5, 6, tzinfo=UTC),
    )
    assert (after.policy_version, after.claims_close_at) == (may, datetime(2026, 5, 9, tzinfo=UTC))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE claims_policyversion SET claim_days = 3",
        "UPDATE claims_policyversion SET effective_from = now()",
        "DELETE FROM claims_policyversion",
    ],
)
def test_a_version_that_an_order_uses_is_neither_changed_nor_deleted(ann, april, statement):
    make_order(ann)

    with (
        pytest.raises(DatabaseError, match="add a newer one"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    april.refresh_from_db()
    assert april.terms == Terms()


def test_a_version_that_no_order_uses_may_still_change(ann, april, may):
    make_order(ann, purchased_at=MAY - timedelta(days=1))

    may.claim_days = 9
    may.save()
    may.refresh_from_db()
    assert may.claim_days == 9

    may.delete()
    assert PolicyVersion.objects.get() == april


@pytest.mark.parametrize("changes", [{"claim_days": 0}, {"repair_days": 0}])
def test_the_database_refuses_days_that_are_none(changes):
    with pytest.raises(IntegrityError, match="policy_days_are_positive"):
        PolicyVersion.objects.create(name="x", effective_from=MAY, terms_version="x", **changes)


def test_two_versions_never_begin_at_once(may):
    with pytest.raises(IntegrityError, match="effective_from"):
        PolicyVersion.objects.create(name="x", effective_from=MAY, terms_version="x")


def test_an_unknown_time_zone_is_refused(may):
    may.time_zone = "Mars/Olympus"

    with pytest.raises(ValidationError) as refused:
        may.full_clean()

    assert list(refused.value.error_dict) == ["time_zone"]
