"""Canned replies in the admin: the clauses have titles, which the database doesn't hold."""

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.urls import reverse

from claims import policy
from claims.models import CannedReply
from claims.wording import title

LIST = reverse("admin:claims_cannedreply_changelist")
ADD = reverse("admin:claims_cannedreply_add")


def test_the_form_offers_each_clause_by_its_title(max_, browse):
    page = browse(max_).get(ADD).content.decode()

    for clause in policy.Clause:
        assert f'<option value="{clause.value}">{title(clause)}</option>' in page
    assert '<option value="" selected>---------</option>' in page


def test_the_list_shows_and_filters_by_the_titles(max_, browse):
    CannedReply.objects.create(name="Show it", clause="proof", body="Please.")
    CannedReply.objects.create(name="Hello", body="Hello.")
    client = browse(max_)

    every = client.get(LIST).content.decode()
    some = client.get(LIST, {"clause": "proof"}).content.decode()

    assert '<td class="field-clause_title">Proof of an invalid number</td>' in every
    assert "Hello" in every
    assert ("Show it" in some, ">Hello<" in some) == (True, False)


def test_a_person_who_may_only_read_sees_the_title(sue, browse):
    reply = CannedReply.objects.create(name="Show it", clause="proof", body="Please.")

    page = browse(sue).get(reverse("admin:claims_cannedreply_change", args=[reply.pk]))

    assert page.status_code == 200
    assert "Proof of an invalid number" in page.content.decode()


def test_an_unknown_clause_is_refused(max_, browse):
    reply = {"name": "Show it", "clause": "no-such-clause", "language": "en", "body": "Please."}
    client = browse(max_)

    refused = client.post(ADD, reply)
    assert (refused.status_code, CannedReply.objects.count()) == (200, 0)
    assert "There is no clause of this name." in refused.content.decode()

    assert client.post(ADD, reply | {"clause": "proof"}).status_code == 302
    assert CannedReply.objects.get().clause == "proof"


def test_no_title_of_a_clause_stands_in_the_migrations(db):
    state = MigrationLoader(connection).project_state()

    field = state.models["claims", "cannedreply"].fields["clause"]
    assert "choices" not in field.deconstruct()[3]
