"""A claim in one row of the queue, out of what the queue has fetched: no query of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, cached_property, lru_cache
from typing import Final

from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from accounts.models import User
from claims import policy
from claims.models import Claim, Evidence, Lease, Rendition, Upload

STATUS_TONES = {
    Claim.Status.SUBMITTED: "info",
    Claim.Status.WAITING_CUSTOMER: "warn",
    Claim.Status.REPAIRING: "warn",
    Claim.Status.OFFERED: "warn",
    Claim.Status.REFUNDED: "good",
    Claim.Status.REPAIRED: "good",
    Claim.Status.REJECTED: "bad",
}
# Told apart by their shape; the colour comes on top.
DOTS: Final = {
    policy.Outcome.MET: ("met", "●", "met"),
    policy.Outcome.FAILED: ("failed", "✕", "failed"),
    policy.Outcome.FOR_REVIEWER: ("review", "?", "for the reviewer"),
}
MOST_THUMBNAILS: Final = 3
SOON: Final = timedelta(hours=6)


def fetched(claims: QuerySet[Claim]) -> list[Claim]:
    """The claims with all that a row shows, in as many queries however many there are."""
    thumbnails = Rendition.objects.filter(role=Rendition.Role.THUMBNAIL)
    evidence = Evidence.objects.select_related("upload").defer("upload__report")
    found = list(
        claims.select_related(
            "order__number", "order__policy_version", "assignee", "lease__holder"
        ).prefetch_related(
            Prefetch("evidence", evidence), Prefetch("evidence__upload__renditions", thumbnails)
        )
    )
    closed = [claim for claim in found if not claim.is_open]
    prefetch_related_objects(closed, "receipts")
    return found


def badge(text: object, tone: str = "") -> SafeString:
    if not tone:
        return format_html('<span class="badge">{}</span>', text)
    return format_html('<span class="badge badge--{}">{}</span>', tone, text)


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


@cache
def _dot(clause: policy.Clause, outcome: policy.Outcome) -> SafeString:
    css, sign, word = DOTS[outcome]
    return format_html(
        '<span class="dot dot--{}" role="img" aria-label="{title}: {word}"'
        ' title="{title}: {word}">{}</span>',
        css,
        sign,
        title=policy.TITLES[clause],
        word=word,
    )


@cache
def _address(name: str) -> str:
    """An address with a place to put a claim in: asked for once, not once a row."""
    return reverse(name, args=[0])


@cache
def _evidence_address() -> str:
    return reverse("portal:rendition", args=["TOKEN", Rendition.Role.THUMBNAIL])


@dataclass(frozen=True)
class Thumbnail:
    """A file of the claim, small; without an address a sign stands for it."""

    kind: str
    why: str
    address: str = ""

    @property
    def is_video(self) -> bool:
        return self.kind == Upload.Kind.VIDEO

    @property
    def label(self) -> str:
        told = f" ({self.why})" if self.why else ""
        return ("Video" if self.is_video else "Picture") + told


class Row:
    """What one row says."""

    def __init__(self, claim: Claim, *, viewer: User, now: datetime, sees_evidence: bool) -> None:
        self.claim = claim
        self.order = claim.order
        self.viewer = viewer
        self.now = now
        self.sees_evidence = sees_evidence

    @property
    def address(self) -> str:
        """Of the review page; nothing for who may not open it."""
        if not self.sees_evidence:
            return ""
        return _address("admin:claims_claim_review").replace("/0/", f"/{self.claim.pk}/")

    @property
    def two_factor(self) -> bool:
        told = self.claim.customer_two_factor or self.claim.staff_two_factor
        return told or bool(self.order.number and self.order.number.two_factor)

    @property
    def status_tone(self) -> str:
        return STATUS_TONES.get(Claim.Status(self.claim.status), "")

    @property
    def age(self) -> str:
        return in_short(self.now - self.claim.filed_at)

    @property
    def filed(self) -> str:
        return in_full(self.claim.filed_at)

    @property
    def filed_exactly(self) -> str:
        return self.claim.filed_at.isoformat()

    @property
    def service(self) -> SafeString:
        return named("service", self.claim.service)

    @property
    def country(self) -> SafeString:
        return named("country", self.claim.country)

    @property
    def remedy_is_due(self) -> bool:
        return self.claim.kind == Claim.Kind.MAJOR_DEFECT and self.left_tone == "over"

    @property
    def left(self) -> str:
        """Until it is due, or how long that is over; of a closed claim, when it was closed."""
        if self.claim.closed_at:
            return f"closed {in_short(self.now - self.claim.closed_at)} ago"
        if self.claim.due_at <= self.now:
            return f"over since {in_short(self.now - self.claim.due_at)}"
        return f"{in_short(self.claim.due_at - self.now)} left"

    @property
    def left_tone(self) -> str:
        if self.claim.closed_at:
            return ""
        until = self.claim.due_at - self.now
        return "over" if until <= timedelta(0) else "soon" if until < SOON else ""

    @property
    def until(self) -> str:
        return in_full(self.claim.closed_at or self.claim.due_at)

    @property
    def until_exactly(self) -> str:
        return (self.claim.closed_at or self.claim.due_at).isoformat()

    @property
    def dots(self) -> SafeString:
        findings = verdict_of(self.claim).findings
        return format_html_join("", "{}", ((_dot(f.clause, f.outcome),) for f in findings))

    @cached_property
    def _uploads(self) -> list[Upload]:
        return [item.upload for item in self.claim.evidence.all()]

    @property
    def thumbnails(self) -> list[Thumbnail]:
        return [self._thumbnail(upload) for upload in self._uploads[:MOST_THUMBNAILS]]

    @property
    def more_files(self) -> int:
        return max(0, len(self._uploads) - MOST_THUMBNAILS)

    def _thumbnail(self, upload: Upload) -> Thumbnail:
        if upload.is_held_back:
            return Thumbnail(upload.kind, "held back: not scanned for malware")
        if not (self.sees_evidence and upload.shown_renditions):
            known = "" if upload.state == Upload.State.ACCEPTED else upload.get_state_display()
            return Thumbnail(upload.kind, known)
        address = _evidence_address().replace("TOKEN", upload.token)
        return Thumbnail(upload.kind, "", address)

    @property
    def waits_for_second(self) -> bool:
        return self.claim.approval_id is not None

    @property
    def lease(self) -> Lease | None:
        """Who has it before them now."""
        lease: Lease | None = getattr(self.claim, "lease", None)
        return lease if lease and lease.until > self.now else None

    @property
    def holder(self) -> str:
        return self._named(self.lease.holder) if self.lease else ""

    @property
    def held_until(self) -> str:
        return f"{localtime(self.lease.until):%H:%M}" if self.lease else ""

    @property
    def owner(self) -> str:
        return self._named(self.claim.assignee) if self.claim.assignee else ""

    def _named(self, person: User) -> str:
        return "you" if person.pk == self.viewer.pk else str(person)


def in_short(span: timedelta) -> str:
    """`3 d 4 h`, `5 h`, `12 min`: as much as tells rows apart."""
    minutes = max(0, int(span.total_seconds())) // 60
    days, hours = minutes // 1440, minutes // 60 % 24
    if days >= 10:
        return f"{days} d"
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    return f"{hours} h" if hours else f"{minutes} min"


def in_full(instant: datetime) -> str:
    """In the viewer's own zone."""
    return date_format(localtime(instant), "j M Y, H:i")


@lru_cache(maxsize=4096)
def named(column: str, value: str) -> SafeString:
    """A service as it writes itself, or the flag of a country with its name, as the portal does."""
    return render_to_string(f"admin/claims/claim/queue_{column}.html", {"value": value})
