from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI

from claims.api.problems import Problem, problem_response
from claims.api.shop import router as shop

api = NinjaAPI(
    title="ESIMPY claims",
    version="1",
    urls_namespace="api",
    description="What the shop tells the claims portal.",
)
api.add_router("/shop", shop)


@api.exception_handler(Problem)
def answer_problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return problem_response(problem)
