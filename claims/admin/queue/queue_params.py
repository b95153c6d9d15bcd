"""The parameters in the queue's address: a tab, filters, a search, and a place to begin at.

Parameters that are not understood are ignored, and the page says so.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Final, Self
from urllib.parse import quote, urlencode

from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import User
from claims.admin.queue.filters import FILTERS, NOBODY, statuses_on
from claims.models import Claim
from claims.queries.core.id_arrays import AnyOf
from claims.queries.review.claim_search import Found, find_claims
from claims.queries.review.queue import (
    BY_CLOSING,
    BY_DUE,
    BY_FILING,
    QueuePlace,
    Sorting,
    Tab,
    claims_on,
    leased_by,
)

LONGEST_SEARCH: Final = 100
GREATEST_ID: Final = 2**63 - 1


@dataclass(frozen=True)
class Asked:
    """The tab, filters and search of one request. `query` repeats them in a fixed order."""

    tab: Tab = Tab.OPEN
    chosen: Mapping[str, str] = field(default_factory=dict)
    """The values of filters, by the filter's name."""
    text: str = ""
    """The search, which covers all tabs."""
    problems: tuple[str, ...] = ()

    @classmethod
    def in_address(cls, given: Mapping[str, str]) -> Self:
        problems: list[str] = []
        text = given.get("q", "").strip()
        if len(text) > LONGEST_SEARCH:
            problems.append(
                gettext("A search has at most %(most)s characters.") % {"most": LONGEST_SEARCH}
            )
        chosen = {name: given[name] for name in FILTERS if given.get(name)}
        for name, value in list(chosen.items()):
            if not FILTERS[name].knows(value):
                told = {"filter": FILTERS[name].label, "value": value[:40]}
                problems.append(gettext("%(filter)s: “%(value)s” is not a known value.") % told)
                del chosen[name]
        tab = given.get("tab", "") or _tab_for(chosen.get("status", ""))
        if tab not in set(Tab):
            problems.append(gettext("There is no tab “%(tab)s”.") % {"tab": tab[:40]})
            tab = Tab.OPEN
        asked = cls(Tab(tab), chosen, text[:LONGEST_SEARCH], tuple(problems))
        return asked if asked._fits(asked.tab) else asked._without_status()

    def _fits(self, tab: Tab) -> bool:
        known = statuses_on(None if self.text else tab)
        return "status" not in self.chosen or self.chosen["status"] in dict(known)

    def _without_status(self) -> Self:
        told = gettext("No claim on this tab has the status “%(status)s”.")
        chosen = {name: value for name, value in self.chosen.items() if name != "status"}
        return replace(self, chosen=chosen, problems=(*self.problems, told % self.chosen))

    @cached_property
    def query(self) -> str:
        return urlencode({"tab": self.tab.value, **self.chosen, **self._searched})

    @property
    def _searched(self) -> dict[str, str]:
        return {"q": self.text} if self.text else {}

    def on(self, tab: Tab) -> str:
        """Return the query of another tab with the same filters and without the search."""
        chosen = self.chosen if replace(self, text="")._fits(tab) else self._without_status().chosen
        return urlencode({"tab": tab.value, **chosen})

    def without(self, name: str) -> str:
        """Return the query without one filter."""
        kept = {each: value for each, value in self.chosen.items() if each != name}
        return urlencode({"tab": self.tab.value, **kept, **self._searched})

    @property
    def unfiltered(self) -> str:
        return urlencode({"tab": self.tab.value})

    @cached_property
    def found(self) -> Found | None:
        return find_claims(self.text) if self.text else None

    @property
    def sorting(self) -> Sorting:
        """Sort by filing if there is a search or a filter by filing, else as the tab does."""
        if self.text or (self.tab == Tab.CLOSED and "filed" in self.chosen):
            return BY_FILING
        sorting = BY_CLOSING if self.tab == Tab.CLOSED else BY_DUE
        if self.chosen.get("assignee") == NOBODY and self.tab in {Tab.OPEN, Tab.CLOSED}:
            return replace(sorting, within="assignee_id")
        return sorting

    def claims(self, *, by: User, now: datetime) -> QuerySet[Claim]:
        """Return the claims of all pages, unsorted."""
        if self.found is not None:
            claims = Claim.objects.filter(AnyOf(F("pk"), self.found.ids))
        else:
            leased = leased_by(by, now=now) if self.tab == Tab.MINE else []
            claims = claims_on(self.tab, by=by, now=now, leased=leased)
        for name, value in self.chosen.items():
            claims = claims.filter(FILTERS[name].condition(value, by))
        return claims


def _tab_for(status: str) -> str:
    return Tab.CLOSED if status in Claim.FINAL else Tab.OPEN


def value_in(name: str, value: str) -> str:
    """Return a filter's value as an address has it."""
    return f"{name}={quote(value)}"


def written(place: QueuePlace) -> str:
    """Return a place in the list as an opaque text for an address."""
    text = f"{place.at.isoformat()}/{place.pk}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place_in(text: str) -> QueuePlace | None:
    """Return the place that `written` made a text of; None for any other text."""
    try:
        padded = text + "=" * (-len(text) % 4)
        at, _, pk = base64.b64decode(padded, altchars=b"-_", validate=True).decode().partition("/")
        place = QueuePlace(datetime.fromisoformat(at), int(pk))
    except (binascii.Error, ValueError):
        return None
    sane = 0 <= place.pk <= GREATEST_ID and 1970 <= place.at.year < 9999
    return place if sane and timezone.is_aware(place.at) else None
