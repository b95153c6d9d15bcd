"""Template tags of the pages that wait for a mail."""

from typing import Any

from django import template
from django.utils import timezone

from accounts.sign_in_outbox import MAILED_ADDRESS, is_refused

register = template.Library()


@register.inclusion_tag("account/mail_on_its_way.html", takes_context=True)
def mail_on_its_way(context: dict[str, Any], again: str, offer: str) -> dict[str, Any]:
    """Show what became of the mail, and offer another one: the URL of its form, and the button.

    The same for an address with an account and for one without.
    """
    address = context["request"].session.get(MAILED_ADDRESS, "")
    return {
        "address": address,
        "refused": bool(address) and is_refused(address, now=timezone.now()),
        "again": again,
        "offer": offer,
        "redirect_field": context.get("redirect_field", ""),
        "csrf_token": context.get("csrf_token"),
    }
