"""The page on which a customer objects to becoming one with another one, by the link in a mail."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.addresses import masked
from accounts.models import CustomerMerge
from claims import access
from claims.actions.notices.merge_links import read_link
from claims.actions.review.customer_merges import object_to_merge


@dataclass(frozen=True)
class OwnMerge:
    """A merge as one of its two customers may see it: the other's address is masked."""

    merge: CustomerMerge
    user_id: int

    @property
    def is_survivor(self) -> bool:
        return self.user_id == self.merge.survivor_id

    @property
    def address(self) -> str:
        merge = self.merge
        return merge.survivor_address if self.is_survivor else merge.merged_address

    @property
    def other(self) -> str:
        merge = self.merge
        other = merge.merged_address if self.is_survivor else merge.survivor_address
        # The line may break after the dots otherwise.
        shown = masked(other).replace("…", "…\N{WORD JOINER}")
        return shown if other else gettext("an account without an email address")

    @property
    def is_by_reader(self) -> bool:
        """Return whether this customer is the one who objected."""
        return self.merge.ended_by_id == self.user_id


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, link: str) -> HttpResponse:
    """Show what is planned, or how it ended; a POST objects. It asks for no sign-in."""
    found = read_link(link)
    if found is None:
        raise Http404("We signed no such link.")
    page = OwnMerge(access.merge_for(found.user_id, found.merge_id), found.user_id)
    if request.method != "POST":
        return render(request, "portal/merge.html", {"page": page})
    try:
        object_to_merge(merge_id=found.merge_id, user_id=found.user_id, now=timezone.now())
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect(request.path)
