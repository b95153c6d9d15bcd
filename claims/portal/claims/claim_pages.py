"""The contexts of the claim page and of the pages to add to a claim."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from claims import policy, queries, wording
from claims.actions.uploads.intake import MOST_FILES
from claims.inspection.formats import ACCEPT
from claims.models import Claim, Event, Upload
from claims.portal.claims import claim_stories, receipt_lines
from claims.portal.claims.contact_ways import ANSWER, Way, way_back
from claims.portal.form_problems import FormProblem, problems_of
from claims.portal.forms import AnswerForm, new_submission
from claims.portal.orders import order_stories
from claims.portal.uploads import tiles
from claims.portal.uploads.form_uploads import LIMITS
from claims.queries.core.claim_actions import ActionName, action_of
from claims.queries.customer.time_limits import answer_until, open_offer
from claims.queries.review.replacements import requested_replacement


def claim_page(*, claim: Claim, unused: Iterable[Upload], now: datetime) -> dict[str, Any]:
    uploads = [item.upload for item in queries.evidence_of(claim)]
    shown = tiles.tiles(upload for upload in uploads if upload.state != Upload.State.REMOVED)
    thread = list(queries.messages_of(claim))
    story = list(queries.story_of(claim))
    decision = claim.decision
    receipt = claim.receipts.select_related("policy_version").last()
    bars = order_stories.bars_of(claim.order, now=now)
    form = AnswerForm(initial=new_submission())
    replacement = requested_replacement(claim)
    way, until = way_back(claim, now=now) or (ANSWER, None)
    return answer_page(claim=claim, way=way, form=form, uploads=unused) | {
        "now": now,
        "standing": claim_stories.standing_of(
            claim, checking=any(t.is_waiting for t in shown), requested=replacement is not None
        ),
        "requested": replacement,
        "timeline": claim_stories.timeline(story),
        "thread": thread,
        "wanted": _wanted(claim, story, shown),
        "evidence": shown,
        "removed": tiles.removed(uploads, closed_at=claim.closed_at),
        "receipt": receipt,
        "receipt_lines": receipt_lines.lines(
            receipt.verdict.findings if receipt else (), decision.answers if decision else {}
        ),
        "decision": decision,
        "decision_clause": wording.title(policy.Clause(decision.clause))
        if decision and decision.clause
        else "",
        "offer": open_offer(claim),
        "may_add": action_of(ActionName.ADD_EVIDENCE).fits(claim),
        "may_withdraw": action_of(ActionName.WITHDRAW).fits(claim),
        "repair_until": _repair_until(claim),
        "answer_until": _answer_until(claim),
        "back_until": until,
        "may_file_again": not claim.is_open and not claim.order.is_remedied and not bars,
    }


def answer_page(
    *,
    claim: Claim,
    way: Way,
    form: AnswerForm,
    uploads: Iterable[Upload],
    file_problems: Sequence[str] = (),
) -> dict[str, Any]:
    form.fields["message"].label = str(way.label)
    return {
        "claim": claim,
        "way": way,
        "order": claim.order,
        "form": form,
        "tiles": tiles.tiles(uploads),
        "problems": [
            *problems_of(form),
            *(FormProblem(text, "id_files") for text in file_problems),
        ],
        "file_problems": file_problems,
        "most_files": MOST_FILES,
        "limits": LIMITS,
        "accept": ACCEPT,
        "kept_days": settings.EVIDENCE_RETENTION_DAYS,
    }


def _wanted(claim: Claim, story: Sequence[Event], shown: Sequence[tiles.Tile]) -> list[str]:
    """Return what we ask the customer for: the newest question, and files for unusable ones."""
    if not claim.wants_answer:
        return []
    asked = claim_stories.questions(story)[-1:]
    refused = [
        f"{t.upload.original_name}: {t.upload.problem_in_words}" for t in shown if t.is_refused
    ]
    return [*asked, *refused]


def _repair_until(claim: Claim) -> datetime | None:
    settled = claim.status == Claim.Status.OFFERED or not claim.is_open
    if claim.kind != Claim.Kind.MAJOR_DEFECT or settled:
        return None
    return policy.repair_deadline(claim.filed_at, claim.order.policy_version.terms)


def _answer_until(claim: Claim) -> datetime | None:
    if claim.status != Claim.Status.WAITING_CUSTOMER:
        return None
    return answer_until(claim)
