"""The lines of an error summary: each problem with its field and its clause."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS

from claims import policy
from claims.portal.forms import FIELDS

SLUGS = {clause.value for clause in policy.Clause}


@dataclass(frozen=True)
class FormProblem:
    text: str
    anchor: str = ""
    """The id of the field to correct, or ''."""
    slug: str = ""
    """The slug of the clause that makes it a problem, or ''."""


def problems_of(form: forms.Form) -> list[FormProblem]:
    return [
        FormProblem(
            text=message,
            anchor=_anchor(form, name, error.code or ""),
            slug=error.code if error.code in SLUGS else "",
        )
        for name, errors in form.errors.as_data().items()
        for error in errors
        for message in error.messages
    ]


def _anchor(form: forms.Form, name: str, code: str) -> str:
    if name != NON_FIELD_ERRORS:
        return form[name].auto_id
    return "id_files" if FIELDS.get(code) == "files" else ""
