"""A claim in one row of the queue, out of what the queue has fetched: no query of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from html import escape
from typing import Final, NamedTuple

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet, prefetch_related_objects
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from accounts.models import User
from claims import policy
from claims.models import Claim, Evidence, Lease, Order, Rendition, Upload

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
NO_EVIDENCE: Final = SafeString('<span class="quiet">none</span>')
REPEATED: Final = SafeString(
    ' <span class="badge badge--info" title="Another claim shows the same evidence">'
    "seen before</span>"
)
SOON: Final = timedelta(hours=6)


class File(NamedTuple):
    """A file of a claim, as far as a row shows it."""

    claim_id: int
    token: str
    kind: str
    state: str
    scan: str
    has_thumbnail: bool

    @property
    def is_held_back(self) -> bool:
        """As `Upload.is_held_back`."""
        unscanned = self.state == Upload.State.ACCEPTED and self.scan != Upload.Scan.CLEAN
        return unscanned and settings.MALWARE_SCAN == "required"


def fetched(claims: QuerySet[Claim]) -> dict[int, tuple[Claim, list[File]]]:
    """The claims and their files, by id, with all that a row shows; in as many queries however
    many there are."""
    found = list(
        claims.select_related("order__number", "assignee", "lease__holder").prefetch_related(
            "order__policy_version"
        )
    )
    prefetch_related_objects([claim for claim in found if not claim.is_open], "receipts")
    files: dict[int, list[File]] = {claim.pk: [] for claim in found}
    for file in _files_of(found):
        files[file.claim_id].append(file)
    return {claim.pk: (claim, files[claim.pk]) for claim in found}


def _files_of(claims: list[Claim]) -> Iterator[File]:
    """Without a model of each: there are some for every claim of the page."""
    thumbnails = Rendition.objects.filter(
        role=Rendition.Role.THUMBNAIL, upload=OuterRef("upload_id")
    )
    rows = Evidence.objects.filter(claim__in=[claim.pk for claim in claims]).values_list(
        "claim_id", "upload__token", "upload__kind", "upload__state", "upload__scan",
        Exists(thumbnails),
    )  # fmt: skip
    return (File(*row) for row in rows)


@lru_cache(maxsize=256)
def badge(text: str, tone: str = "") -> SafeString:
    if not tone:
        return format_html('<span class="badge">{}</span>', text)
    return format_html('<span class="badge badge--{}">{}</span>', tone, text)


def verdict_of(claim: Claim, files: list[File]) -> policy.Verdict:
    """Of an open claim: as things stand. Of a closed one: its newest receipt."""
    if not claim.is_open:
        return [*claim.receipts.all()][-1].verdict
    accepted = frozenset(file.kind for file in files if file.state == Upload.State.ACCEPTED)
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
class Look:
    """Who looks at the rows, when, and what they may do with them."""

    viewer: User
    now: datetime
    sees_evidence: bool
    selects: bool

    def named(self, person: User) -> str:
        return "you" if person.pk == self.viewer.pk else str(person)


def markup(template: str, *parts: object, **named: object) -> SafeString:
    """`format_html` for plain texts: a row has fifteen, and looking for lazy ones takes longer
    than all the rest of it."""
    words = {name: _escaped(part) for name, part in named.items()}
    return SafeString(template.format(*map(_escaped, parts), **words))


def _escaped(part: object) -> str:
    return part if isinstance(part, SafeString) else escape(str(part))


def row(claim: Claim, files: list[File], look: Look) -> SafeString:
    """A row of the queue's table. Not by a template: fifty of them took half of the page's time."""
    cells = [
        _select(claim) if look.selects else "",
        _claim(claim, look),
        _service(claim),
        markup(
            '<td class="amount queue__price">{} {}</td>', claim.order.price, claim.order.currency
        ),
        _age(claim, look),
        _left(claim, look),
        markup('<td class="queue__dots">{}</td>', _dots(claim, files)),
        _evidence(claim, files, look),
        _who(claim, look),
    ]
    return markup("<tr>{}</tr>\n", SafeString("".join(cells)))


def _select(claim: Claim) -> SafeString:
    return markup(
        '<td class="queue__select"><label><input type="checkbox" form="selection" name="claims"'
        ' value="{}"><span class="visually-hidden">Select {}</span></label></td>',
        claim.pk,
        claim.code,
    )


def _claim(claim: Claim, look: Look) -> SafeString:
    """With a link to its review page, for who may open that."""
    code = markup('<span class="code">{}</span>', claim.code)
    if look.sees_evidence:
        address = _address("admin:claims_claim_review").replace("/0/", f"/{claim.pk}/")
        code = markup('<a class="code" href="{}">{}</a>', address, claim.code)
    return markup(
        '<th scope="row" class="queue__claim">{}{}</th>', code, _under(claim.get_kind_display())
    )


def _service(claim: Claim) -> SafeString:
    number = claim.order.number
    two_factor = claim.customer_two_factor or claim.staff_two_factor
    two_factor = two_factor or bool(number and number.two_factor)
    channel = "API" if claim.channel == Order.Channel.API else ""
    under = " · ".join(filter(None, [claim.country, claim.order.shop_id, channel]))
    return markup(
        '<td class="queue__service">{} {} {}{}</td>',
        named("country", claim.country) if number else "",
        named("service", claim.service) if number else "Top-up",
        badge("2FA", "warn") if two_factor else "",
        _under(under),
    )


def _age(claim: Claim, look: Look) -> SafeString:
    return markup(
        '<td class="queue__age"><time datetime="{}" title="Filed {}">{}</time></td>',
        claim.filed_at.isoformat(),
        in_full(claim.filed_at),
        in_short(look.now - claim.filed_at),
    )


def _left(claim: Claim, look: Look) -> SafeString:
    """Until it is due, or how long that is over; of a closed claim, when it was closed."""
    instant = claim.closed_at or claim.due_at
    left = claim.due_at - look.now
    words, tone = f"{in_short(left)} left", "soon" if left < SOON else "ahead"
    if claim.closed_at:
        words, tone = f"closed {in_short(look.now - claim.closed_at)} ago", "closed"
    elif left <= timedelta(0):
        words, tone = f"over for {in_short(-left)}", "over"
    remedy = tone == "over" and claim.kind == Claim.Kind.MAJOR_DEFECT
    return markup(
        '<td class="queue__left"><time datetime="{}" title="{}" class="queue__left--{}">{}</time>'
        " {}</td>",
        instant.isoformat(),
        in_full(instant),
        tone,
        words,
        badge("remedy due", "bad") if remedy else "",
    )


def _dots(claim: Claim, files: list[File]) -> SafeString:
    findings = verdict_of(claim, files).findings
    return SafeString("".join(_dot(found.clause, found.outcome) for found in findings))


def _evidence(claim: Claim, files: list[File], look: Look) -> SafeString:
    shown = [_thumbnail(file, look) for file in files[:MOST_THUMBNAILS]]
    more = len(files) - MOST_THUMBNAILS
    if more > 0:
        shown.append(
            markup(
                '<span class="queue__more">+{}<span class="visually-hidden"> more</span></span>',
                more,
            )
        )
    if claim.is_repeated:
        shown.append(REPEATED)
    return markup('<td class="queue__evidence">{}</td>', SafeString("".join(shown) or NO_EVIDENCE))


def _thumbnail(file: File, look: Look) -> SafeString:
    """The file, small. A sign stands for what isn't there or may not be shown."""
    is_video = file.kind == Upload.Kind.VIDEO
    label = "Video" if is_video else "Picture"
    if file.is_held_back:
        label += " (held back: not scanned for malware)"
    elif look.sees_evidence and file.has_thumbnail:
        return markup(
            '<img src="{}" alt="{label}" title="{label}" width="40" height="40" loading="lazy"'
            ' decoding="async">',
            _evidence_address().replace("TOKEN", file.token),
            label=label,
        )
    elif file.state != Upload.State.ACCEPTED:
        label += f" ({Upload.State(file.state).label})"
    return markup(
        '<span class="queue__file" role="img" aria-label="{label}" title="{label}">{}</span>',
        "▶" if is_video else "▣",
        label=label,
    )


def _who(claim: Claim, look: Look) -> SafeString:
    """Where it stands, who has it before them now, and whose work it is."""
    parts = [badge(claim.get_status_display(), STATUS_TONES.get(Claim.Status(claim.status), ""))]
    if claim.approval_id:
        parts.append(badge("needs a second person", "warn"))
    lease: Lease | None = getattr(claim, "lease", None)
    is_held = lease is not None and lease.until > look.now
    if lease and is_held:
        until = f"{localtime(lease.until):%H:%M}"
        held = f"open at {look.named(lease.holder)} until {until}"
        parts.append(_under(held, "queue__lease"))
    if claim.assignee:
        parts.append(_under(look.named(claim.assignee)))
    elif claim.is_open and not is_held:
        parts.append(_under("nobody"))
    return markup('<td class="queue__who">{}</td>', SafeString(" ".join(parts)))


def _under(text: str, css: str = "") -> SafeString:
    return markup('<span class="queue__under {}">{}</span>', css, text)


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
    return f"{localtime(instant):%-d %b %Y, %H:%M}"


@lru_cache(maxsize=4096)
def named(column: str, value: str) -> SafeString:
    """A service as it writes itself, or the flag of a country with its name, as the portal does."""
    return render_to_string(f"admin/claims/claim/queue_{column}.html", {"value": value})
