"""Errors as `application/problem+json` (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from ninja import Field, Schema

from claims.wording.validation_errors import each_in, text_of


class ProblemDetails(Exception):
    """The refusal of a whole request.

    `slug` names it for programs; a clause's refusal has the clause's slug. `errors` lists all
    reasons, where there may be several, as slug and sentence.
    """

    def __init__(
        self,
        status: int,
        slug: str,
        detail: str,
        headers: Mapping[str, str] | None = None,
        errors: Iterable[tuple[str, str]] = (),
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.slug = slug
        self.detail = detail
        self.headers = dict(headers or {})
        self.errors = list(errors)


class Reason(Schema):
    slug: str = Field(description="The clause's slug, when a clause is the reason.")
    detail: str


class ProblemOut(Schema):
    """An error in the form of RFC 9457, with each clause that isn't met."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Reason] = Field([], description="All reasons, where there may be several.")


def problem_response(problem: ProblemDetails) -> HttpResponse:
    body: dict[str, object] = {
        "type": f"about:blank#{problem.slug}",
        "title": problem.slug.replace("-", " ").capitalize(),
        "status": problem.status,
        "detail": problem.detail,
    }
    if problem.errors:
        body["errors"] = [{"slug": slug, "detail": detail} for slug, detail in problem.errors]
    return HttpResponse(
        json.dumps(body),
        status=problem.status,
        content_type="application/problem+json",
        headers=problem.headers,
    )


def refusal_of(error: ValidationError, *, status: int = 409) -> ProblemDetails:
    """Return an action's refusal, with each clause's slug.

    The status is 409, because the request could be read and fails on the state of the order or the
    claim; it is 429 for a limit.
    """
    found = [(str(single.code or "invalid"), text_of(single)) for single in each_in(error)]
    slug, _ = found[0]
    return ProblemDetails(status, slug, " ".join(detail for _, detail in found), errors=found)
