"""Template tags of the pages that wait for a mail."""

from datetime import datetime, timedelta
from typing import Any, Final

from django import template
from django.utils import timezone

from accounts.sign_in_outbox import LAST_MAIL, is_refused

register = template.Library()

SOON: Final = timedelta(minutes=1)
"""The time in which a refusal is to be expected, so that the page looks for it by itself."""


@register.inclusion_tag("account/mail_on_its_way.html", takes_context=True)
def mail_on_its_way(context: dict[str, Any], again: str, offer: str) -> dict[str, Any]:
    """Show what became of the mail, and offer another one: the URL of its form, and the button.

    The same for an address with an account and for one without.
    """
    last = context["request"].session.get(LAST_MAIL)
    return {
        "again": again,
        "offer": offer,
        "redirect_field": context.get("redirect_field", ""),
        "csrf_token": context.get("csrf_token"),
        **(_state(last, now=timezone.now()) if last else {}),
    }


def _state(last: dict[str, Any], *, now: datetime) -> dict[str, Any]:
    return {
        "address": last["address"],
        "refused": is_refused(last["address"], now=now),
        "soon": now.timestamp() - last["at"] < SOON.total_seconds(),
    }
