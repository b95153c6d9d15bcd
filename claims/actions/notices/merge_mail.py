"""The mail that tells each of two customers that they are to become one, with a link to object."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone, translation

from accounts.addresses import masked
from accounts.models import OBJECTION_TIME, CustomerMerge
from claims import wording
from claims.actions.notices.merge_links import MergeLink, address_of
from claims.queries.core.clock import database_now
from claims.wording.subjects import MERGE_SUBJECT


def mail_about_merge(*, merge_id: int, user_id: int, now: datetime) -> None:
    """Mail one of the two customers of a confirmed merge, and note the time once it went out.

    Their day to object begins then. A worker that dies between the two mails them again. Raises
    the error of the mail server, after which the caller tries again.
    """
    merge = CustomerMerge.objects.select_related("merged", "survivor").get(pk=merge_id)
    is_survivor = merge.survivor_id == user_id
    column = "survivor_mailed_at" if is_survivor else "merged_mailed_at"
    mail = _mail(merge, is_survivor=is_survivor, now=now)
    if merge.state != CustomerMerge.State.CONFIRMED or getattr(merge, column) or not mail.to:
        return
    mail.send()
    unmailed = CustomerMerge.objects.filter(
        pk=merge_id, state=CustomerMerge.State.CONFIRMED, **{f"{column}__isnull": True}
    )
    unmailed.update(**{column: database_now()})


def _mail(merge: CustomerMerge, *, is_survivor: bool, now: datetime) -> EmailMessage:
    people = [
        (merge.merged, merge.merged_address),
        (merge.survivor, merge.survivor_address),
    ]
    (_, other), (customer, address) = people if is_survivor else reversed(people)
    with translation.override(customer.language), timezone.override(ZoneInfo(customer.time_zone)):
        context = {
            "customer": customer,
            "address": address,
            "other": masked(other) if other else "",
            "is_survivor": is_survivor,
            "until": wording.in_words((now + OBJECTION_TIME).replace(second=0, microsecond=0)),
            "url": settings.BASE_URL + address_of(MergeLink(merge.pk, customer.pk)),
        }
        text = render_to_string("emails/merges/planned.txt", context).strip() + "\n"
        return EmailMessage(str(MERGE_SUBJECT), text, to=[address] if address else [])
