"""The contexts of the two pages on which a customer writes a claim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, assert_never

from django.conf import settings
from django.utils.translation import gettext as _

from claims import policy
from claims.actions.uploads.intake import MOST_FILES
from claims.inspection.formats import ACCEPT
from claims.models import Claim, Order, Upload
from claims.portal.claims import receipt_lines
from claims.portal.form_problems import FormProblem, problems_of
from claims.portal.forms import ClaimForm, asks_two_factor, is_unmapped
from claims.portal.orders import order_stories
from claims.portal.uploads import tiles
from claims.portal.uploads.form_uploads import LIMITS


@dataclass(frozen=True, kw_only=True)
class KindChoice:
    value: str
    label: str
    meaning: str
    needs: str
    chosen: bool
    asks_code: bool
    """The customer is asked to show the order's code in the proof."""
    bars: Sequence[policy.Finding]
    """The findings that a claim of this kind would fail; empty when it can succeed."""


def form_page(
    *,
    form: ClaimForm,
    uploads: Sequence[Upload],
    file_problems: Sequence[str],
    claim: Claim | None,
    now: datetime,
) -> dict[str, Any]:
    """Return the context of the form. The page links to the newest claim while it is open."""
    order = form.order
    chosen = form["kind"].value() or ""
    kinds = _kind_choices(order, chosen=chosen, now=now)
    return {
        "order": order,
        "form": form,
        "now": now,
        "live": claim if claim and claim.is_open else None,
        "bars": order_stories.bars_of(order, now=now),
        "kinds": kinds,
        "proof_code": order.proof_code if any(kind.asks_code for kind in kinds) else "",
        "tiles": tiles.tiles(uploads),
        "problems": [
            *problems_of(form),
            *(FormProblem(text, "id_files") for text in file_problems),
        ],
        "file_problems": file_problems,
        "reason_min": order.policy_version.terms.reason_min_length,
        "most_files": MOST_FILES,
        "limits": LIMITS,
        "accept": ACCEPT,
        "kept_days": settings.EVIDENCE_RETENTION_DAYS,
    }


def check_page(
    *, form: ClaimForm, verdict: policy.Verdict, uploads: Sequence[Upload], now: datetime
) -> dict[str, Any]:
    """Return the context of the check page, with the usable uploads as the claim's files."""
    return {
        "order": form.order,
        "form": form,
        "now": now,
        "kind": Claim.Kind(form.cleaned_data["kind"]).label,
        "asked_two_factor": asks_two_factor(form.order),
        "two_factor": form.two_factor_said,
        "reason": form.cleaned_data["reason"].strip(),
        "tiles": tiles.tiles(upload for upload in uploads if upload.is_usable),
        "unfinished": [u for u in uploads if u.state == Upload.State.RECEIVING],
        "receipt": receipt_lines.lines(verdict.findings, {}),
        "questions": len(verdict.for_reviewer),
        "proof_code": _code_asked_for(form, now=now),
    }


def _code_asked_for(form: ClaimForm, *, now: datetime) -> str:
    facts = form.order.facts(kind=form.cleaned_data["kind"], filed_at=now)
    return form.order.proof_code if policy.needs_proof(facts) else ""


def _kind_choices(order: Order, *, chosen: str, now: datetime) -> list[KindChoice]:
    facts = order.facts(kind="", filed_at=now)
    prospects = policy.prospects(facts, order.policy_version.terms)
    return [
        KindChoice(
            value=kind.value,
            label=str(Claim.Kind(kind).label),
            meaning=_meaning(Claim.Kind(kind)),
            needs=_needs(order, kind, now=now),
            chosen=verdict.eligible and kind == chosen,
            asks_code=verdict.eligible and policy.needs_proof(replace(facts, kind=kind)),
            bars=verdict.failed,
        )
        for kind, verdict in prospects.items()
    ]


def _needs(order: Order, kind: policy.Kind, *, now: datetime) -> str:
    facts = order.facts(kind=kind, filed_at=now)
    if policy.needs_video(facts):
        return _("A video is required for this number.")
    if not policy.needs_proof(facts):
        return _("A screenshot or a video helps, but isn't required.")
    if is_unmapped(order):
        return _(
            "At least one screenshot or video is required. If the service asks for a password,"
            " please add a video."
        )
    if asks_two_factor(order):
        return _(
            "At least one screenshot or video is required. If Telegram asks for a password, one of"
            " them must be a video."
        )
    return _("At least one screenshot or video is required.")


def _meaning(kind: Claim.Kind) -> str:
    match kind:
        case Claim.Kind.SMS_NOT_RECEIVED:
            return _("No SMS came to the number.")
        case Claim.Kind.INVALID_NUMBER:
            return _(
                "An SMS came, but the number didn't work: the service refused it, had banned it, or"
                " it belonged to someone else."
            )
        case Claim.Kind.MAJOR_DEFECT:
            return _("Something else is critically wrong with what you bought.")
        case _ as unknown:
            assert_never(unknown)
