from io import StringIO

from django.core.management import call_command

from claims.models import Claim, statuses


def test_the_docs_have_the_diagram_that_the_table_makes(project_root):
    said = StringIO()

    call_command("lifecycle", stdout=said)

    assert (project_root / "docs" / "lifecycle.md").read_text() == said.getvalue()


def test_the_diagram_has_every_status_and_every_move():
    drawn = statuses.diagram()

    for status in Claim.Status.values:
        assert status in drawn
    for before, after in statuses.TRANSITIONS:
        assert f"    {before} --> {after}\n" in drawn
    assert set(statuses.OPEN) | set(statuses.FINAL) == set(Claim.Status.values)
