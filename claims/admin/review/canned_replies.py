"""Canned replies for one claim, filled in, with the best fitting ones first."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext_lazy as _

from claims import policy
from claims.models import CannedReply, Claim

MOST = 200
ANY_CLAUSE = _("Any clause")


@dataclass(frozen=True, kw_only=True)
class FittingReply:
    """A text that the reviewer can edit and send."""

    pk: int
    name: str
    group: str
    """The clause of the reply, and its language if that is not the customer's."""
    text: str


def replies_for(claim: Claim, verdict: policy.Verdict) -> list[FittingReply]:
    """Return all replies: the customer's language first, then the clauses that are open or fail."""
    language = claim.order.customer.language
    concerned = [finding.clause.value for finding in (*verdict.failed, *verdict.for_reviewer)]

    def rank(reply: CannedReply) -> tuple[object, ...]:
        place = concerned.index(reply.clause) if reply.clause in concerned else len(concerned)
        rest = bool(reply.clause) and reply.clause not in concerned
        return reply.language != language, rest, place, reply.language, reply.clause, reply.name

    values = _values(claim)
    ranked = sorted(CannedReply.objects.all()[:MOST], key=rank)
    return [
        FittingReply(
            pk=reply.pk,
            name=reply.name,
            group=_group(reply, language),
            text=reply.filled(values | {"clause": reply.clause_title}),
        )
        for reply in ranked
    ]


def grouped(replies: list[FittingReply]) -> list[tuple[str, list[FittingReply]]]:
    return [(group, [*some]) for group, some in groupby(replies, key=lambda reply: reply.group)]


def _values(claim: Claim) -> dict[str, str]:
    order, number = claim.order, claim.order.number
    return {
        "name": str(order.customer),
        "claim": claim.code,
        "order": order.shop_id,
        "service": claim.service_name,
        "phone": number.formatted if number else "",
        "price": f"{order.refundable} {order.currency}",
        "proof_code": claim.proof_code,
    }


def _group(reply: CannedReply, language: str) -> str:
    title = reply.clause_title or str(ANY_CLAUSE)
    return title if reply.language == language else f"{title}, {reply.get_language_display()}"
