"""Errors as `application/problem+json` (RFC 9457)."""

from __future__ import annotations

import json

from django.http import HttpResponse


class Problem(Exception):
    """Why a whole request is refused. `slug` names it for programs."""

    def __init__(self, status: int, slug: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.slug = slug
        self.detail = detail


def problem_response(problem: Problem) -> HttpResponse:
    body = {
        "type": f"about:blank#{problem.slug}",
        "title": problem.slug.replace("-", " ").capitalize(),
        "status": problem.status,
        "detail": problem.detail,
    }
    return HttpResponse(
        json.dumps(body), status=problem.status, content_type="application/problem+json"
    )
