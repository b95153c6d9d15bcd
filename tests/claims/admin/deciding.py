"""Presses of the review page's buttons."""

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
    """Press `approve`, `reject` or another button with every question answered in the claim's
    favour.

    The user takes the claim first, if they may.
    """
    if user := client.session.get("_auth_user_id"):
        take(claim.pk, by=User.objects.get(pk=user), now=timezone.now())
    answers = {f"answer-{clause}": answer for clause, answer in ANSWERS.items()}
    words = {"seen": newest_event(claim), "note": "", "clause": "", "terms_section": ""}
    return client.post(
        reverse(f"admin:claims_claim_{what}", args=[claim.pk]), answers | words | changes
    )


def errors_of(response: Any) -> list[str]:
    """Return the errors at the top of the page that came back."""
    return list(response.context["page"].errors)


def offered(page: str) -> list[str]:
    """Return the actions that the page offers on the claim, by the last part of their URLs."""
    return re.findall(r'formaction="/admin/claims/claim/\d+/([a-z-]+)/" data-confirm', page)
