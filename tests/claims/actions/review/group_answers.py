"""Claims of one group, and the one answer for all of them."""

from datetime import UTC, timedelta
from uuid import uuid4

from django.utils import timezone

from accounts.models import CreditAccount
from claims import queries
from claims.actions.review import incidents
from claims.models import IncidentClaim
from tests.makers import make_claim, make_order, newest_event

OTHERS = dict.fromkeys(("terms", "third-party", "api-misuse", "activation-complete"), "met")

BECAUSE = "The supplier's gateway was down from 10:05 to 10:50."


def this_hour():
    """Return the hour that began between two hours and one hour ago, the hour of all purchases."""
    return timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)


def make_one(customer, *, at=None, **fields):
    """Return a claim of the group. An SMS is on record, or the price would go back by itself."""
    at = at or this_hour() + timedelta(minutes=7)
    order = make_order(customer, purchased_at=at, **{"sms": True} | fields)
    return make_claim(order)


def group_of(claim):
    hour = claim.order.purchased_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return queries.ClaimGroup(claim.supplier, claim.service, claim.country, hour)


def answer(*claims, by, others=OTHERS, because=BECAUSE, note="Our fault.", **fields):
    return incidents.answer_group(
        group=fields.pop("group", None) or group_of(claims[0]),
        by=by,
        answer=incidents.GroupAnswer(because=because, note=note, others=others),
        picked={claim.pk: newest_event(claim) for claim in claims},
        submission=fields.pop("submission", None) or uuid4(),
        now=timezone.now(),
    )


def work_off(incident):
    incidents.work_off(incident_id=incident.pk, clock=timezone.now)
    incident.refresh_from_db()


def state_of(claim):
    item = IncidentClaim.objects.get(claim=claim)
    return item.state


def why(claim):
    item = IncidentClaim.objects.get(claim=claim)
    assert item.state == "left"
    return item.why


def balance(user):
    return CreditAccount.objects.get(owner=user).balance


def codes(error):
    return {part.code for part in error.value.error_list}
