"""The page of the return policy, clause by clause, which anyone can read."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from claims import wording
from claims.models import PolicyVersion
from claims.wording.clauses import GROUPS


@require_safe
def return_policy(request: HttpRequest) -> HttpResponse:
    version = PolicyVersion.objects.in_force(at=timezone.now())
    explanations = wording.explanations(version.terms)
    groups = [
        (
            title,
            [(clause.value, wording.title(clause), explanations[clause]) for clause in clauses],
        )
        for title, clauses in GROUPS
    ]
    page = {
        "version": version,
        "groups": groups,
        "kept_days": settings.EVIDENCE_RETENTION_DAYS,
    }
    return render(request, "portal/policy.html", page)
