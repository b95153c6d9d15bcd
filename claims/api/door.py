from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, ValidationError
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import HttpError
from ninja.errors import ValidationError as UnreadableError
from ninja.openapi.schema import OpenAPISchema

from claims.actions.uploads.quotas import LimitReached
from claims.api.customers import router as customers
from claims.api.problems import ProblemDetails, problem_response, refusal_of
from claims.api.shop import router as shop


class Door(NinjaAPI):
    """The API. Its schema, too, says that errors are `application/problem+json`.

    Each answer is for one person, so no cache may store it.
    """

    def create_response(self, request: HttpRequest, data: Any, **named: Any) -> HttpResponse:
        response = super().create_response(request, data, **named)
        response["Cache-Control"] = "no-store"
        return response

    def get_openapi_schema(self, **named: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**named)
        for operations in schema["paths"].values():
            for operation in operations.values():
                for answer in operation["responses"].values():
                    _name_problems(answer.get("content", {}))
        return schema


def _name_problems(content: dict[str, Any]) -> None:
    shape = content.get("application/json", {}).get("schema", {})
    if shape.get("$ref") == "#/components/schemas/ProblemOut":
        content["application/problem+json"] = content.pop("application/json")


api = Door(
    title="ESIMPY claims",
    version="1",
    urls_namespace="api",
    description="The shop sends events to the claims portal; customers' programs read and file.",
)
api.add_router("", customers)
api.add_router("/shop", shop)


@api.exception_handler(ProblemDetails)
def answer_problem(request: HttpRequest, problem: ProblemDetails) -> HttpResponse:
    return problem_response(problem)


@api.exception_handler(ValidationError)
def answer_refusal(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Answer with the reasons for which an action refused, such as clauses."""
    if not isinstance(error, LimitReached):
        return problem_response(refusal_of(error))
    problem = refusal_of(error, status=429)
    problem.headers["Retry-After"] = str(max(1, int(error.retry_after.total_seconds())))
    return problem_response(problem)


@api.exception_handler(UnreadableError)
def answer_unreadable(request: HttpRequest, error: UnreadableError) -> HttpResponse:
    """Answer with each field that doesn't match the schema, and the reason."""
    found = [(".".join(map(str, each["loc"][1:])), each["msg"]) for each in error.errors]
    told = [(str(where) or "body", f"{where}: {why}" if where else why) for where, why in found]
    detail = "; ".join(why for _, why in told)
    return problem_response(ProblemDetails(422, "unreadable", detail, errors=told))


@api.exception_handler(HttpError)
def answer_no_json(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Answer to an `HttpError` of Django Ninja, such as for a body that is no JSON."""
    return problem_response(ProblemDetails(error.status_code, "not-json", str(error)))


@api.exception_handler(InterfaceError)
@api.exception_handler(OperationalError)
def pass_on(request: HttpRequest, error: Exception) -> HttpResponse:
    """Leave it to the whole portal to say that the database is away."""
    raise error


@api.exception_handler(RequestDataTooBig)
def answer_too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    detail = _("A request holds at most %(most)s bytes.") % {"most": f"{most:,}"}
    return problem_response(ProblemDetails(413, "too-large", detail))


@api.exception_handler(Http404)
def answer_missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem_response(
        ProblemDetails(404, "not-found", _("There is nothing of yours at this address."))
    )


@api.exception_handler(PermissionDenied)
def answer_denied(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    return problem_response(
        ProblemDetails(403, "denied", str(error) or _("You aren't allowed to do that."))
    )
