"""The cells of one row of the queue, out of what the queue has fetched: no query of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Final, assert_never

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from accounts.models import User
from claims import policy, wording
from claims.admin.badges import badge, in_full, in_short, markup, named, status_tone
from claims.models import Claim, Order, Rendition, Upload
from claims.queries.review.queue_rows import QueueFile, QueueRow
from claims.wording.outcomes import words_of

KINDS: Final = {str(value): str(label) for value, label in Claim.Kind.choices}
MOST_THUMBNAILS: Final = 3
NO_EVIDENCE: Final = SafeString('<span class="quiet">none</span>')
REPEATED: Final = SafeString(
    ' <span class="badge badge--info" title="Another claim shows the same evidence">'
    "seen before</span>"
)
SOON: Final = timedelta(hours=6)


@lru_cache(maxsize=4096)
def _dots(outcomes: str) -> SafeString:
    """A dot for each clause of `Claim.outcomes`. Few sorts of claims are all there are."""
    pairs = (each.split("=") for each in outcomes.split())
    return SafeString(
        "".join(_dot(policy.Clause(clause), policy.Outcome(outcome)) for clause, outcome in pairs)
    )


def _dot(clause: policy.Clause, outcome: policy.Outcome) -> SafeString:
    words = words_of(outcome)
    return format_html(
        '<span class="dot dot--{}" role="img" aria-label="{title}: {word}"'
        ' title="{title}: {word}">{}</span>',
        words.tone,
        words.sign,
        title=wording.title(clause),
        word=words.for_staff,
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

    def named(self, person_id: int | None, name: str) -> str:
        return "you" if person_id == self.viewer.pk else name


def row(claim: QueueRow, look: Look) -> SafeString:
    """A row of the queue's table. Not by a template: fifty of them took half of the page's time."""
    cells = [
        _select(claim) if look.selects else "",
        _claim(claim, look),
        _service(claim),
        markup('<td class="amount queue__price">{} {}</td>', claim.price, claim.currency),
        _age(claim, look),
        _left(claim, look),
        markup('<td class="queue__dots">{}</td>', _dots(claim.outcomes)),
        _evidence(claim, look),
        _who(claim, look),
    ]
    return markup("<tr>{}</tr>\n", SafeString("".join(cells)))


def _select(claim: QueueRow) -> SafeString:
    return markup(
        '<td class="queue__select"><label><input type="checkbox" form="selection" name="claims"'
        ' value="{}"><span class="visually-hidden">Select {}</span></label></td>',
        claim.pk,
        claim.code,
    )


def _claim(claim: QueueRow, look: Look) -> SafeString:
    """With a link to its review page, for who may open that."""
    if look.sees_evidence:
        address = _address("admin:claims_claim_review").replace("/0/", f"/{claim.pk}/")
        code = markup('<a class="code" href="{}">{}</a>', address, claim.code)
    else:
        code = markup('<span class="code">{}</span>', claim.code)
    return markup('<th scope="row" class="queue__claim">{}{}</th>', code, _under(KINDS[claim.kind]))


def _service(claim: QueueRow) -> SafeString:
    channel = "API" if claim.channel == Order.Channel.API else ""
    under = " · ".join(filter(None, [claim.country, claim.shop_id, channel]))
    return markup(
        '<td class="queue__service">{} {} {}{}</td>',
        "" if claim.is_top_up else named("country", claim.country),
        "Top-up" if claim.is_top_up else named("service", claim.service),
        badge("2FA", "warn") if claim.two_factor else "",
        _under(under),
    )


def _age(claim: QueueRow, look: Look) -> SafeString:
    return markup(
        '<td class="queue__age"><time datetime="{}" title="Filed {}">{}</time></td>',
        claim.filed_at.isoformat(),
        in_full(claim.filed_at),
        in_short(look.now - claim.filed_at),
    )


def _left(claim: QueueRow, look: Look) -> SafeString:
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


def _evidence(claim: QueueRow, look: Look) -> SafeString:
    shown = [_thumbnail(file, look) for file in claim.files[:MOST_THUMBNAILS]]
    more = len(claim.files) - MOST_THUMBNAILS
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


def _thumbnail(file: QueueFile, look: Look) -> SafeString:
    """The file, small. A sign stands for what isn't there or may not be shown."""
    label, sign = _kind_shown(Upload.Kind(file.kind))
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
        sign,
        label=label,
    )


def _kind_shown(kind: Upload.Kind) -> tuple[str, str]:
    """The word and the sign of a file of this kind."""
    match kind:
        case Upload.Kind.SCREENSHOT:
            return "Picture", "▣"
        case Upload.Kind.VIDEO:
            return "Video", "▶"
        case _:
            assert_never(kind)


def _who(claim: QueueRow, look: Look) -> SafeString:
    """Where it stands, who has it before them now, and whose work it is."""
    status = Claim.Status(claim.status)
    parts = [badge(str(status.label), status_tone(status))]
    if claim.needs_second:
        parts.append(badge("needs a second person", "warn"))
    is_held = claim.held_until is not None and claim.held_until > look.now
    if claim.held_until and is_held:
        who = look.named(claim.holder_id, claim.holder)
        held = f"open at {who} until {localtime(claim.held_until):%H:%M}"
        parts.append(_under(held, "queue__lease"))
    if claim.assignee_id:
        parts.append(_under(look.named(claim.assignee_id, claim.assignee)))
    elif not claim.closed_at and not is_held:
        parts.append(_under("nobody"))
    return markup('<td class="queue__who">{}</td>', SafeString(" ".join(parts)))


@lru_cache(maxsize=1024)
def _under(text: str, css: str = "") -> SafeString:
    return markup('<span class="queue__under {}">{}</span>', css, text)
