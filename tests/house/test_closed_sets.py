"""Each place that spells out a closed set knows all of its members.

mypy finds the places that match on a set. These tests find the others: tables, constraints of the
database, scripts and documents. `make check` runs them; they need no database.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from django.conf import settings
from django.db.models import CheckConstraint, Field, Model, Q
from django.db.models.expressions import BaseExpression

from accounts.models import CreditTransfer, CustomerMerge, customer_merge
from claims import wording
from claims.formats.shop_messages import EventType
from claims.inspection import FileProblem
from claims.inspection.findings import MEDIA_TYPES, RENDITION_FORMATS
from claims.inspection.formats import ACCEPT, ENDINGS, Format
from claims.models import (
    Claim,
    Decision,
    Event,
    Notice,
    Offer,
    Order,
    Rendition,
    Replacement,
    ShopEvent,
    Upload,
    notice,
)
from claims.policy import Clause, Outcome
from claims.policy.assessment import RULES
from claims.policy.terms import Terms
from claims.portal.claims import claim_stories
from claims.storage import ENDINGS as STORED_ENDINGS
from claims.wording.clauses import GROUPS, QUESTIONS
from claims.wording.file_problems import file_problem
from claims.wording.findings import SENTENCES
from claims.wording.subjects import SUBJECTS

DOCS: Final[Path] = settings.BASE_DIR / "docs"
PAGES: Final[Path] = settings.BASE_DIR / "templates" / "admin" / "claims" / "claim"
MAILS: Final[Path] = settings.BASE_DIR / "templates" / "emails"
SCRIPTS: Final[Path] = settings.BASE_DIR / "claims" / "static" / "claims"


IN_DOCS: Final = {
    Outcome.MET: "met",
    Outcome.FAILED: "failed",
    Outcome.FOR_REVIEWER: "for the reviewer",
}


def rows_of(document: str) -> Iterator[list[str]]:
    """Yield the cells of each row whose first cell is code."""
    for line in (DOCS / document).read_text().splitlines():
        if line.startswith("| `"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def outcomes_in_docs() -> dict[str, set[str]]:
    """Return the outcomes of each clause by the table in docs/policy.md."""
    rows = [row for row in rows_of("policy.md") if len(row) == 5]
    return {row[0].strip("`"): {word.strip() for word in row[2].split(",")} for row in rows}


@pytest.mark.parametrize("clause", Clause)
def test_a_clause_is_ruled_on_titled_explained_grouped_and_documented(clause):
    terms = Terms()
    assert clause in RULES
    assert wording.title(clause)
    assert wording.explanations(terms)[clause]
    assert [clause in group for _title, group in GROUPS].count(True) == 1
    assert clause in outcomes_in_docs()


@pytest.mark.parametrize("clause", Clause)
def test_a_clause_has_a_sentence_for_each_outcome_that_its_document_lists(clause):
    spoken = {outcome for each, outcome, _variant in SENTENCES if each == clause}

    assert {
        outcome.replace("_", " ").replace("for reviewer", "for the reviewer") for outcome in spoken
    } == outcomes_in_docs()[clause]
    assert (clause in QUESTIONS) == (Outcome.FOR_REVIEWER in spoken)


def words_in(condition: Q | BaseExpression, field: str) -> Iterator[str]:
    """Yield the words that the condition compares with the field."""
    for child in condition.children if isinstance(condition, Q) else ():
        if isinstance(child, Q):
            yield from words_in(child, field)
        elif isinstance(child, tuple) and child[0] == field:
            yield child[1]
        elif isinstance(child, tuple) and child[0] == f"{field}__in":
            yield from child[1]


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (Claim, "kind"),
        (Claim, "status"),
        (CreditTransfer, "kind"),
        (Decision, "outcome"),
        (Offer, "choice"),
        (Order, "activation"),
        (Order, "channel"),
        (Order, "product"),
        (Replacement, "state"),
        (ShopEvent, "state"),
        (Upload, "kind"),
        (Upload, "state"),
    ],
    ids=str,
)
def test_the_constraints_of_a_table_know_every_word_of_the_field(model: type[Model], name: str):
    field = model._meta.get_field(name)
    assert isinstance(field, Field)
    checks = [each for each in model._meta.constraints if isinstance(each, CheckConstraint)]
    known = {str(word) for each in checks for word in words_in(each.condition, name)} - {""}

    assert known == {str(word) for word, _label in field.choices or ()} - {""}


@pytest.mark.parametrize(
    ("states", "moves", "first"),
    [
        (Notice.State, notice.MOVES, "waiting"),
        (CustomerMerge.State, customer_merge.MOVES, "asked"),
    ],
    ids=["notice", "merge"],
)
def test_every_state_is_reached_from_the_first_one(states, moves, first):
    reached = {first}
    for _ in states:
        reached |= {after for before, after in moves if before in reached}

    assert reached == {*states}


def test_the_index_of_notices_that_went_wrong_knows_their_states():
    [index] = [each for each in Notice._meta.indexes if each.name == "notices_that_went_wrong"]
    assert index.condition is not None

    assert {*words_in(index.condition, "state")} == {*Notice.WENT_WRONG}


def test_a_media_type_of_a_rendition_is_written_stored_and_allowed():
    [allowed] = [
        each for each in Rendition._meta.constraints if each.name == "rendition_type_is_ours"
    ]
    assert isinstance(allowed, CheckConstraint)

    assert {*RENDITION_FORMATS.values()} == {*MEDIA_TYPES}
    assert {*MEDIA_TYPES.values()} == {*STORED_ENDINGS}
    assert {*MEDIA_TYPES.values()} == {*words_in(allowed.condition, "media_type")}


@pytest.mark.parametrize("problem", FileProblem)
def test_a_problem_of_a_file_has_a_sentence_and_room_in_its_column(problem: FileProblem):
    column = Upload._meta.get_field("problem")
    assert isinstance(column, Field)

    assert file_problem(problem)
    assert len(problem) <= (column.max_length or 0)


def test_the_scripts_know_the_formats_that_the_server_takes():
    table = (SCRIPTS / "checks.js").read_text().split("const EXTENSIONS = {")[1].split("}")[0]
    ends = dict(re.findall(r'"?(\w+)"?: "([\w/-]+)"', table))

    assert {*ends.values()} == {name for form in Format for name in form.media_types}
    assert {ending.removeprefix(".") for ending in ENDINGS} <= {*ends}
    assert ACCEPT.count(",") == len({*ends.values()}) + len(ENDINGS) - 1


def test_the_scripts_tell_all_kinds_of_evidence_apart():
    """`checks.js`, `tiles.js` and `viewer.js` know pictures and videos; teach them a third kind."""
    assert {name.split("/")[0] for form in Format for name in form.media_types} == {
        "image",
        "video",
    }
    stages = {path.name for path in PAGES.glob("*_stage.html")}
    told = {
        kind
        for name in stages
        for kind in re.findall('data-stage="(\\w+)"', (PAGES / name).read_text())
    }
    assert told == {role.value for role in Rendition.Role if role.is_full} == {"picture", "video"}


def test_every_event_of_the_shop_is_documented():
    named = {name for row in rows_of("shop-api.md") for name in re.findall("`([a-z_.]+)`", row[0])}

    assert {event.value for event in EventType} <= named


def test_every_event_is_told_to_the_customer_or_internal():
    told = {*claim_stories.TITLES}

    assert told | {*Event.INTERNAL} == {*Event.Kind}
    assert not told & {*Event.INTERNAL}


def test_every_mail_about_an_event_has_a_subject_and_a_text():
    texts = {path.stem for path in MAILS.glob("*.txt")} - {"notice", "proof_code"}

    assert {*SUBJECTS} == texts
    assert {*SUBJECTS} <= {kind.value for kind in Event.Kind}
