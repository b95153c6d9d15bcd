"""How a test presses the buttons of the review page."""

import re
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from claims.models import Claim
from tests.makers import ANSWERS, newest_event
from tests.reviewing import take


def press(client: Client, what: str, claim: Claim, **changes: Any) -> Any:
    """Press `approve`, `reject` or another button with every question answered for the claim.

    Whoever may have the claim before them has it.
    """
    if user := client.session.get("_auth_user_id"):
        take(claim.pk, by=User.objects.get(pk=user), now=timezone.now())
    answers = {f"answer-{clause}": answer for clause, answer in ANSWERS.items()}
    words = {"seen": newest_event(claim), "note": "", "clause": "", "terms_section": ""}
    return client.post(
        reverse(f"admin:claims_claim_{what}", args=[claim.pk]), answers | words | changes
    )


def errors_of(response: Any) -> list[str]:
    """What stands on top of the page that came back."""
    return list(response.context["page"].errors)


def offered(page: str) -> list[str]:
    """The ways to act on the claim that stand on the page, by their place in the address."""
    return re.findall(r'formaction="/admin/claims/claim/\d+/([a-z-]+)/" data-confirm', page)
