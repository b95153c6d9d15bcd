import pytest
from django.utils import timezone

from claims.models import PolicyVersion
from claims.policy import Clause
from claims.wording.clauses import GROUPS


@pytest.mark.django_db
def test_every_clause_has_its_anchor_for_everyone(client):
    page = client.get("/policy/")

    assert page.status_code == 200
    for clause in Clause:
        assert page.content.decode().count(f'id="{clause}"') == 1


def test_every_clause_stands_in_exactly_one_group():
    listed = [clause for _title, clauses in GROUPS for clause in clauses]

    assert sorted(listed) == sorted(Clause)


@pytest.mark.django_db
def test_the_numbers_are_those_of_the_version_in_force(client):
    PolicyVersion.objects.create(
        name="later", effective_from=timezone.now(), terms_version="later", claim_days=9
    )

    page = client.get("/policy/").content.decode()

    assert "for 9 days after it" in page
    assert "version later" in page


@pytest.mark.django_db
def test_it_says_how_long_files_are_kept(client, settings):
    settings.EVIDENCE_RETENTION_DAYS = 90

    assert "delete it 90 days after the claim is closed" in client.get("/policy/").content.decode()
