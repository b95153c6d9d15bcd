"""Errors as `application/problem+json` (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from ninja import Field, Schema

from claims.wording.validation_errors import each_in


class ProblemDetails(Exception):
    """Why a whole request is refused. `slug` names it for programs; of a clause, it is the
    clause's own. `errors` are all reasons, where there may be several, as slug and sentence.
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
    slug: str = Field(description="Of a clause, its own.")
    detail: str


class ProblemOut(Schema):
    """An error as RFC 9457 has it, with each clause that isn't met."""

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
    """What an action refuses, with each clause's slug. `status` is 429 for a limit.

    409, since it could be read, and fails for what is known of the order or the claim.
    """
    found = [
        (str(single.code or "invalid"), " ".join(single.messages)) for single in each_in(error)
    ]
    slug, _ = found[0]
    return ProblemDetails(status, slug, " ".join(detail for _, detail in found), errors=found)
