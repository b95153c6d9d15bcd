"""`POST /api/v1/shop/events`: the shop sends one event or many."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, assert_never

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Field, Router, Schema

from claims.actions.shop.inbound_events import CONFLICT, EventAnswer, receive_shop_events
from claims.api.problems import ProblemDetails, ProblemOut
from claims.api.signing import HEADERS, signed_by_the_shop
from claims.formats.fields import BadRow
from claims.formats.shop_messages import ShopMessage, read_message
from claims.models import ShopEvent
from claims.queries.core.clock import database_now

MOST_EVENTS = 500
MOST_BYTES = 1_000_000
State = ShopEvent.State
router = Router(tags=["shop"])


class EventIn(Schema):
    """One event. Unknown fields are kept with it."""

    id: str = Field(
        "", max_length=128, description="Counts once. Of a single event: webhook-id, unless given."
    )
    type: str = Field(description=f"One of {', '.join(ShopEvent.Type.values)}; others are kept.")
    timestamp: datetime = Field(description="When it happened, with an offset from UTC.")
    data: dict[str, Any] = Field(description="What docs/shop-api.md lists for the type.")


class EventOut(Schema):
    """The result of an event."""

    id: str
    state: str = Field(description=f"One of {', '.join([*State.values, CONFLICT])}.")
    problem: str = Field(description="Why it is refused, or what it waits for.")
    is_new: bool = Field(description="False: its id had come before.")


class BatchOut(Schema):
    results: list[EventOut]


def _body_schema() -> dict[str, Any]:
    """Return the schema of a body, which is read item by item: one bad event spoils no other."""
    event = EventIn.model_json_schema()
    batch = {
        "type": "object",
        "description": "Many events in one request, each answered by itself.",
        "required": ["events"],
        "properties": {"events": {"type": "array", "maxItems": MOST_EVENTS, "items": event}},
    }
    return {
        "required": True,
        "content": {"application/json": {"schema": {"oneOf": [event, batch]}}},
    }


@router.post(
    "/events",
    auth=signed_by_the_shop,
    url_name="receive_shop_events",
    summary="Tell what has happened in the shop",
    response={
        200: EventOut | BatchOut,
        202: EventOut,
        409: EventOut,
        422: EventOut,
        **dict.fromkeys([400, 401, 413, 503], ProblemOut),
    },
    openapi_extra={
        "requestBody": _body_schema(),
        "parameters": [
            {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
            for name in HEADERS
        ],
    },
)
def events(request: HttpRequest) -> HttpResponse:
    """A single event gets a status of its own: 200 applied, 202 kept for later, 409 an id that came
    before with other content, 422 refused. A batch gets 200, with a result for each event. An event
    that is sent again changes nothing.
    """
    # A cancellation rests by the database's clock.
    body, now = _read(request), database_now()
    if isinstance(body, dict) and "events" in body:
        return JsonResponse({"results": _receive(_items(body["events"]), now=now)})
    (result,) = _receive([body], now=now, event_id=str(request.headers.get("webhook-id", "")))
    conflicts = result["state"] == CONFLICT
    status = 409 if conflicts else _status_of(State(result["state"]))
    return JsonResponse(result, status=status)


def _status_of(state: ShopEvent.State) -> int:
    """Return the HTTP status that answers a single event."""
    match state:
        case State.APPLIED:
            return 200
        case State.WAITING | State.UNKNOWN:
            return 202
        case State.REFUSED:
            return 422
        case _:
            assert_never(state)


def _read(request: HttpRequest) -> object:
    if len(request.body) > MOST_BYTES:
        raise ProblemDetails(413, "too-large", f"A request holds at most {MOST_BYTES:,} bytes.")
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise ProblemDetails(400, "not-json", "The body is not JSON.") from error


def _items(events: object) -> list[object]:
    if not isinstance(events, list) or len(events) > MOST_EVENTS:
        raise ProblemDetails(400, "events", f"events is a list of at most {MOST_EVENTS} events.")
    return events


def _receive(items: Sequence[object], *, now: datetime, event_id: str = "") -> list[dict[str, Any]]:
    """Return an answer for each item, in their order."""
    read = [_message(item, now=now, event_id=event_id) for item in items]
    messages = [message for message in read if isinstance(message, ShopMessage)]
    answers = iter(receive_shop_events(messages=messages, now=now))
    told = [next(answers) if isinstance(message, ShopMessage) else message for message in read]
    return [_out(answer) for answer in told]


def _message(item: object, *, now: datetime, event_id: str) -> ShopMessage | EventAnswer:
    try:
        return read_message(item, now=now, event_id=event_id)
    except BadRow as error:
        sent = item.get("id", event_id) if isinstance(item, dict) else event_id
        shown = sent[:128] if isinstance(sent, str) else ""
        return EventAnswer(shown, State.REFUSED, str(error), is_new=True)


def _out(answer: EventAnswer) -> dict[str, Any]:
    return {
        "id": answer.event_id,
        "state": answer.state,
        "problem": answer.problem,
        "is_new": answer.is_new,
    }
