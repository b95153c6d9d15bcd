"""The audit log of one person and one day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.models import User
from claims.admin.audit.audit_pages import reader_of, render_page
from claims.admin.audit.event_words import change_of, details_of
from claims.formats.identifiers import id_in
from claims.models import Claim, Event, Order

DAY_PAGE = 200


def may_read_day(reader: User, *, of: User) -> bool:
    """Return whether `reader` may: their own day, a customer's, or with a permission anyone's."""
    return reader.pk == of.pk or not of.is_staff or reader.has_perm("claims.read_days")


class DayForm(forms.Form):
    """The choice of a person and a day."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    field_order = ("person", "day")

    def __init__(self, reader: User, data: Any) -> None:
        super().__init__(data, initial={"person": reader.pk, "day": timezone.localdate()})
        people = User.objects.filter(is_staff=True).order_by("email")
        if not reader.has_perm("claims.read_days"):
            people = people.filter(pk=reader.pk)
        self.fields["person"] = forms.ModelChoiceField(people, label=_("Person"), empty_label=None)
        self.order_fields(self.field_order)


@dataclass(frozen=True)
class DayGroup:
    """Consecutive events of one claim, or of an order without a claim."""

    order: Order
    claim: Claim | None
    lines: list[tuple[Event, str, str]]


class Day:
    """One page of the events of a person and a day, oldest first."""

    def __init__(self, person: User, day: date, *, after: str) -> None:
        self.person, self.day = person, day
        events = list(_after(events_of_day(person, day), after)[: DAY_PAGE + 1])
        self.events, more = events[:DAY_PAGE], events[DAY_PAGE:]
        self.next = self.events[-1].pk if more else None

    @property
    def groups(self) -> list[DayGroup]:
        return [
            DayGroup(order, claim, [(each, change_of(each), details_of(each)) for each in lines])
            for (order, claim), lines in groupby(self.events, key=lambda e: (e.order, e.claim))
        ]

    @property
    def rest(self) -> str:
        """Return the address of the next page, or ''."""
        words = {"person": self.person.pk, "day": self.day.isoformat(), "after": self.next}
        return f"?{urlencode(words)}" if self.next else ""


def events_of_day(person: User, day: date) -> QuerySet[Event]:
    """Return a day's events, in the reader's time zone; a day may have 23 or 25 hours."""
    began, ended = (
        timezone.make_aware(datetime.combine(each, time.min))
        for each in (day, day + timedelta(days=1))
    )
    events = Event.objects.filter(actor=person, at__gte=began, at__lt=ended)
    return events.select_related("order", "claim").order_by("at", "pk")


def _after(events: QuerySet[Event], pk: str) -> QuerySet[Event]:
    last_id = id_in(pk)
    last = None if last_id is None else events.filter(pk=last_id).first()
    if last is None:
        return events
    return events.filter(Q(at__gt=last.at) | Q(at=last.at, pk__gt=last.pk))


@never_cache
@require_GET
def show_day(request: HttpRequest) -> HttpResponse:
    """Show a person's day. Support reads their own, Supervisors and Auditors anyone's."""
    reader = reader_of(request, ("claims.view_event",))
    form = DayForm(reader, request.GET if "person" in request.GET or "day" in request.GET else None)
    day = None
    if not form.is_bound:
        day = Day(reader, timezone.localdate(), after="")
    elif form.is_valid():
        chosen = form.cleaned_data
        day = Day(chosen["person"], chosen["day"], after=request.GET.get("after", ""))
    return render_page(
        request, "day", title=gettext("Audit log of one person's day"), form=form, day=day
    )
