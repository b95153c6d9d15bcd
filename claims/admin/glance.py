"""A claim in one line of the queue, out of what the queue has fetched: no query of its own."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.db.models import Prefetch, QuerySet
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.timezone import localtime

from claims import policy
from claims.models import Claim, Evidence, Upload

EVIDENCE_TONES = {
    Upload.State.ACCEPTED: "good",
    Upload.State.WAITING: "info",
    Upload.State.REFUSED: "bad",
    Upload.State.REMOVED: "",
}
STATUS_TONES = {
    Claim.Status.SUBMITTED: "info",
    Claim.Status.WAITING_CUSTOMER: "warn",
    Claim.Status.REFUNDED: "good",
    Claim.Status.REJECTED: "bad",
}


def fetched(claims: QuerySet[Claim]) -> QuerySet[Claim]:
    """The claims with all that a line shows, in three queries however many there are."""
    evidence = Evidence.objects.select_related("upload")
    return claims.select_related(
        "order__number", "order__customer", "order__policy_version"
    ).prefetch_related(Prefetch("evidence", evidence), "receipts")


def badge(text: object, tone: str = "") -> SafeString:
    if not tone:
        return format_html('<span class="badge">{}</span>', text)
    return format_html('<span class="badge badge--{}">{}</span>', tone, text)


def moment(instant: datetime) -> SafeString:
    """An instant in the viewer's own zone."""
    return format_html(
        '<time datetime="{}">{}</time>',
        instant.isoformat(),
        date_format(localtime(instant), "j M, H:i"),
    )


def status(claim: Claim) -> SafeString:
    return badge(claim.get_status_display(), STATUS_TONES.get(Claim.Status(claim.status), ""))


def verdict(claim: Claim) -> SafeString:
    """How many clauses fail, and how many questions wait for a person."""
    found = verdict_of(claim)
    failed, asked = len(found.failed), len(found.for_reviewer)
    parts = []
    if failed:
        parts.append((badge(f"{failed} failed", "bad"),))
    if asked:
        parts.append((badge(f"{asked} to answer" if claim.is_open else f"{asked} asked", "info"),))
    return format_html_join(" ", "{}", parts or [(badge("all met", "good"),)])


def verdict_of(claim: Claim) -> policy.Verdict:
    """Of an open claim: as things stand. Of a closed one: its newest receipt."""
    if not claim.is_open:
        return [*claim.receipts.all()][-1].verdict
    accepted = frozenset(
        item.upload.kind
        for item in claim.evidence.all()
        if item.upload.state == Upload.State.ACCEPTED
    )
    # The database holds one open claim per order, and this one is open.
    facts = claim.facts(proofs=accepted, has_live_claim=False)
    return policy.assess(facts, claim.order.policy_version.terms)


def evidence(claim: Claim) -> SafeString | str:
    counts = Counter(item.upload.state for item in claim.evidence.all())
    badges = [
        (badge(f"{counts[state]} {state}", tone),)
        for state, tone in EVIDENCE_TONES.items()
        if counts[state]
    ]
    return format_html_join(" ", "{}", badges) or "none"


def service(claim: Claim) -> SafeString | str:
    number = claim.order.number
    if number is None:
        return "—"
    two_factor = number.two_factor or claim.customer_two_factor
    context = {"number": number, "two_factor": two_factor}
    return render_to_string("admin/claims/claim/service.html", context)


def age(claim: Claim, *, now: datetime) -> SafeString:
    if claim.closed_at:
        return format_html("closed {}", moment(claim.closed_at))
    return format_html(
        '<time datetime="{}">{}</time>',
        claim.filed_at.isoformat(),
        timesince(claim.filed_at, now, depth=1),
    )


def deadline(claim: Claim, *, now: datetime) -> SafeString:
    """For a major defect the end of the time to resolve it, else the order's claim deadline."""
    if claim.kind != Claim.Kind.MAJOR_DEFECT:
        return format_html("claims close<br>{}", moment(claim.order.claims_close_at))
    due = policy.repair_deadline(claim.filed_at, claim.order.policy_version.terms)
    if claim.is_open and due <= now:
        return format_html("{}<br>{}", badge("remedy due", "bad"), moment(due))
    return format_html("resolve by<br>{}", moment(due))
