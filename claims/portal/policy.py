"""The page of the return policy, clause by clause, which anyone can read."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from claims import wording
from claims.models import PolicyVersion
from claims.policy import Clause

GROUPS = {
    _("For every claim"): (
        Clause.TOP_UP,
        Clause.ALREADY_RETURNED,
        Clause.CLAIM_WINDOW,
        Clause.CLEAR_REASON,
        Clause.TERMS,
        Clause.ONE_LIVE_CLAIM,
        Clause.TELEGRAM_2FA_API,
        Clause.API_MISUSE,
        Clause.THIRD_PARTY,
    ),
    _("SMS not received"): (Clause.ALLOTTED_TIME, Clause.ACTIVATION_COMPLETE, Clause.SERVER_SIDE),
    _("Invalid number"): (Clause.SMS_RECEIVED, Clause.PROOF, Clause.TELEGRAM_2FA_VIDEO),
    _("Major defect"): (Clause.CRITICAL_DEFECT, Clause.REPAIR),
}


@require_safe
def return_policy(request: HttpRequest) -> HttpResponse:
    version = PolicyVersion.objects.in_force(at=timezone.now())
    explanations = wording.explanations(version.terms)
    groups = [
        (
            title,
            [(clause.value, wording.title(clause), explanations[clause]) for clause in clauses],
        )
        for title, clauses in GROUPS.items()
    ]
    page = {
        "version": version,
        "groups": groups,
        "kept_days": settings.EVIDENCE_RETENTION_DAYS,
    }
    return render(request, "portal/policy.html", page)
