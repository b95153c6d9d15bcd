"""The cells of one row of the queue. They show what the queue has fetched, and query nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, cached_property, lru_cache
from typing import Final, assert_never

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext

from accounts.models import User
from claims import policy, wording
from claims.admin.badges import badge, in_full, in_short, markup, named, status_tone
from claims.models import Claim, Order, Rendition, Upload
from claims.queries.review.queue_rows import QueueFile, QueueRow
from claims.wording.outcomes import words_of

MOST_THUMBNAILS: Final = 3
SOON: Final = timedelta(hours=6)


@dataclass(frozen=True, kw_only=True)
class RowTexts:
    """The texts of a row in one language. A page asks for them once: fifty rows cost too much."""

    select: str
    filed: str
    filed_ago: str
    left: str
    overdue: str
    closed: str
    remedy_due: str
    top_up: str
    unmapped: str
    more: SafeString
    no_evidence: SafeString
    repeated: SafeString
    picture: str
    video: str
    held_back: str
    second_person: str
    in_progress: str
    you: str
    unassigned: str
    kinds: Mapping[str, str]
    statuses: Mapping[str, str]
    file_states: Mapping[str, str]


@cache
def row_texts(language: str | None) -> RowTexts:
    """Return the texts in the active language, which is `language`, the cache key."""
    return RowTexts(
        select=gettext("Select %(code)s"),
        filed=gettext("Filed %(instant)s"),
        filed_ago=gettext("filed %(span)s ago"),
        left=gettext("%(span)s left"),
        overdue=gettext("%(span)s overdue"),
        closed=gettext("closed %(span)s ago"),
        remedy_due=gettext("remedy due"),
        top_up=gettext("Top-up"),
        unmapped=gettext("unknown service"),
        more=markup('<span class="visually-hidden"> {}</span>', gettext("more")),
        no_evidence=markup('<span class="quiet">{}</span>', gettext("none")),
        repeated=markup(
            ' <span class="badge badge--info" title="{}">{}</span>',
            gettext("Another claim shows the same evidence"),
            gettext("seen before"),
        ),
        picture=gettext("Picture"),
        video=gettext("Video"),
        held_back=gettext("held back: not scanned for malware"),
        second_person=gettext("needs a second person"),
        in_progress=gettext("in progress with %(person)s until %(time)s"),
        you=gettext("you"),
        unassigned=gettext("unassigned"),
        kinds={str(value): str(label) for value, label in Claim.Kind.choices},
        statuses={str(value): str(label) for value, label in Claim.Status.choices},
        file_states={str(value): str(label) for value, label in Upload.State.choices},
    )


@lru_cache(maxsize=4096)
def _dots(outcomes: str, language: str | None) -> SafeString:
    """Return a dot for each clause of `Claim.outcomes`; claims have few different ones."""
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
    """Return an address with a place to put a claim in; cached, because each row needs it."""
    return reverse(name, args=[0])


@cache
def _evidence_address() -> str:
    return reverse("portal:rendition", args=["TOKEN", Rendition.Role.THUMBNAIL])


@dataclass(frozen=True)
class Look:
    """The viewer of the rows: the person, the time, the language, and what they may do."""

    viewer: User
    now: datetime
    sees_evidence: bool
    selects: bool
    language: str | None = field(default_factory=get_language)

    @cached_property
    def texts(self) -> RowTexts:
        return row_texts(self.language)

    def named(self, person_id: int | None, name: str) -> str:
        return self.texts.you if person_id == self.viewer.pk else name


def row(claim: QueueRow, look: Look) -> SafeString:
    """Return a row of the table. A template would take half of the page's time for fifty rows."""
    cells = [
        _select(claim, look) if look.selects else "",
        _claim(claim, look),
        _service(claim, look),
        markup('<td class="amount queue__price">{} {}</td>', claim.price, claim.currency),
        _age(claim, look),
        _left(claim, look),
        markup('<td class="queue__dots">{}</td>', _dots(claim.outcomes, look.language)),
        _evidence(claim, look),
        _who(claim, look),
    ]
    return markup("<tr>{}</tr>\n", SafeString("".join(cells)))


def _select(claim: QueueRow, look: Look) -> SafeString:
    return markup(
        '<td class="queue__select"><label><input type="checkbox" form="selection" name="claims"'
        ' value="{}"><span class="visually-hidden">{}</span></label></td>',
        claim.pk,
        look.texts.select % {"code": claim.code},
    )


def _claim(claim: QueueRow, look: Look) -> SafeString:
    """Return the code and the kind, with a link to the review page if the viewer may open it."""
    if look.sees_evidence:
        address = _address("admin:claims_claim_review").replace("/0/", f"/{claim.pk}/")
        code = markup('<a class="code" href="{}">{}</a>', address, claim.code)
    else:
        code = markup('<span class="code">{}</span>', claim.code)
    kind = _under(look.texts.kinds[claim.kind])
    return markup('<th scope="row" class="queue__claim">{}{}</th>', code, kind)


def _service(claim: QueueRow, look: Look) -> SafeString:
    channel = "API" if claim.channel == Order.Channel.API else ""
    under = " · ".join(filter(None, [claim.country, claim.shop_id, channel]))
    return markup(
        '<td class="queue__service">{} {} {}{}</td>',
        named("country", claim.country, look.language) if claim.country else "",
        _service_name(claim, look),
        badge("2FA", "warn") if claim.two_factor else "",
        _under(under),
    )


def _service_name(claim: QueueRow, look: Look) -> str:
    if claim.is_top_up:
        return look.texts.top_up
    if claim.service:
        return named("service", claim.service, look.language)
    return markup("<bdi>{}</bdi> {}", claim.service_sent, badge(look.texts.unmapped, "warn"))


def _age(claim: QueueRow, look: Look) -> SafeString:
    """Return the claim's age: alone under its heading, in words where a phone has no headings."""
    age = in_short(look.now - claim.filed_at)
    return markup(
        '<td class="queue__age"><time datetime="{}" title="{}"><span class="queue__age-alone">{}'
        '</span><span class="queue__age-in-words">{}</span></time></td>',
        claim.filed_at.isoformat(),
        look.texts.filed % {"instant": in_full(claim.filed_at)},
        age,
        look.texts.filed_ago % {"span": age},
    )


def _left(claim: QueueRow, look: Look) -> SafeString:
    """Return the time until the claim is due, or since then, or since it was closed."""
    instant = claim.closed_at or claim.due_at
    left = claim.due_at - look.now
    text, span, tone = look.texts.left, left, "soon" if left < SOON else "ahead"
    if claim.closed_at:
        text, span, tone = look.texts.closed, look.now - claim.closed_at, "closed"
    elif left <= timedelta(0):
        text, span, tone = look.texts.overdue, -left, "over"
    remedy = tone == "over" and claim.kind == Claim.Kind.MAJOR_DEFECT
    return markup(
        '<td class="queue__left"><time datetime="{}" title="{}" class="queue__left--{}">{}</time>'
        " {}</td>",
        instant.isoformat(),
        in_full(instant),
        tone,
        text % {"span": in_short(span)},
        badge(look.texts.remedy_due, "bad") if remedy else "",
    )


def _evidence(claim: QueueRow, look: Look) -> SafeString:
    shown = [_thumbnail(file, look) for file in claim.files[:MOST_THUMBNAILS]]
    more = len(claim.files) - MOST_THUMBNAILS
    if more > 0:
        shown.append(markup('<span class="queue__more">+{}{}</span>', more, look.texts.more))
    if claim.is_repeated:
        shown.append(look.texts.repeated)
    cell = SafeString("".join(shown) or look.texts.no_evidence)
    return markup('<td class="queue__evidence">{}</td>', cell)


def _thumbnail(file: QueueFile, look: Look) -> SafeString:
    """Return the thumbnail of a file, or a sign if there is none or it may not be shown."""
    label, sign = _kind_shown(Upload.Kind(file.kind), look.texts)
    if file.is_held_back:
        label += f" ({look.texts.held_back})"
    elif look.sees_evidence and file.has_thumbnail:
        return markup(
            '<img src="{}" alt="{label}" title="{label}" width="40" height="40" loading="lazy"'
            ' decoding="async">',
            _evidence_address().replace("TOKEN", file.token),
            label=label,
        )
    elif file.state != Upload.State.ACCEPTED:
        label += f" ({look.texts.file_states[file.state]})"
    return markup(
        '<span class="queue__file" role="img" aria-label="{label}" title="{label}">{}</span>',
        sign,
        label=label,
    )


def _kind_shown(kind: Upload.Kind, texts: RowTexts) -> tuple[str, str]:
    """Return the word and the sign of a file of this kind."""
    match kind:
        case Upload.Kind.SCREENSHOT:
            return texts.picture, "▣"
        case Upload.Kind.VIDEO:
            return texts.video, "▶"
        case _:
            assert_never(kind)


def _who(claim: QueueRow, look: Look) -> SafeString:
    """Return the status, the reviewer who is working on the claim now, and the assignee."""
    status = Claim.Status(claim.status)
    parts = [badge(look.texts.statuses[status], status_tone(status))]
    if claim.needs_second:
        parts.append(badge(look.texts.second_person, "warn"))
    is_held = claim.held_until is not None and claim.held_until > look.now
    if claim.held_until and is_held:
        person, time = look.named(claim.holder_id, claim.holder), localtime(claim.held_until)
        held = look.texts.in_progress % {"person": person, "time": f"{time:%H:%M}"}
        parts.append(_under(held, "queue__lease"))
    if claim.assignee_id:
        parts.append(_under(look.named(claim.assignee_id, claim.assignee)))
    elif not claim.closed_at and not is_held:
        parts.append(_under(look.texts.unassigned))
    return markup('<td class="queue__who">{}</td>', SafeString(" ".join(parts)))


@lru_cache(maxsize=1024)
def _under(text: str, css: str = "") -> SafeString:
    return markup('<span class="queue__under {}">{}</span>', css, text)
