"""A process that dies at a statement: python -m tests.dying ACTION WORDS POINT.

It runs one action with these words in JSON, and kills itself at this point; 0 is none. Points are:
before each statement, before and after each commit, and before and after each message to the mail
server or the shop. A process that survives prints the number of points it has passed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any
from uuid import UUID

import django

Action = Callable[[dict[str, Any]], Any]
REFUSED = 3


class Points:
    """A counter of points that kills the process at the deadly one; 0 is none."""

    def __init__(self, deadly: int) -> None:
        self.deadly = deadly
        self.passed = 0

    def one(self) -> None:
        self.passed += 1
        if self.passed == self.deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, owner: Any, name: str) -> None:
        """Count one point before and one after each call of this function."""
        function = getattr(owner, name)

        def wrapped(*args: Any, **named: Any) -> Any:
            self.one()
            answer = function(*args, **named)
            self.one()
            return answer

        setattr(owner, name, wrapped)

    def before_statement(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        self.one()
        return execute(sql, params, many, context)


def do(name: str, words: dict[str, Any]) -> None:
    """Run what a line asks for. A few words aren't JSON, and become other values."""
    from accounts.models import User  # noqa: PLC0415 - models can't be imported before the set-up

    named = dict(words)
    if "by" in named:
        named["by"] = User.objects.get(pk=named["by"])
    for word, meaning in {"submission": UUID, "amount": Decimal}.items():
        if word in named:
            named[word] = meaning(named[word])
    ACTIONS[name](named)


def act_on_claims(name: str) -> Action:
    """Run an action of one of these modules, at the present."""

    def run(words: dict[str, Any]) -> None:
        module, _, function = name.rpartition(".")
        action = getattr(import_module(f"claims.actions.{module}"), function)
        action(now=datetime.now(UTC), **words)

    return run


def receive(words: dict[str, Any]) -> None:
    from claims.actions.shop import inbound_events  # noqa: PLC0415 - likewise
    from claims.formats import shop_messages  # noqa: PLC0415 - likewise

    now = datetime.now(UTC)
    messages = [
        shop_messages.ShopMessage(event_id, kind, now - timedelta(seconds=1), data)
        for event_id, kind, data in words["events"]
    ]
    inbound_events.receive_shop_events(messages=messages, now=now)


def notify(words: dict[str, Any]) -> None:
    from claims.actions.notices import delivery  # noqa: PLC0415 - likewise

    delivery.send_notice(event_id=words["event_id"], clock=lambda: datetime.now(UTC))


def deliver(words: dict[str, Any]) -> None:
    from claims.actions.shop import webhook_delivery  # noqa: PLC0415 - likewise

    later = timedelta(seconds=words["later"])
    webhook_delivery.deliver_due(clock=lambda: datetime.now(UTC) + later)


ACTIONS: dict[str, Action] = {
    "file": act_on_claims("customer.filing.file_claim"),
    "approve": act_on_claims("review.decisions.approve"),
    "goodwill": act_on_claims("review.decisions.give_goodwill"),
    "choose the price": act_on_claims("customer.choices.choose_refund"),
    "choose the replacement": act_on_claims("customer.choices.choose_replacement"),
    "sweep": act_on_claims("orders.automatic_returns.return_expired"),
    "receive": receive,
    "notify": notify,
    "deliver": deliver,
}


def act(name: str, words: dict[str, Any], deadly: int) -> int:
    """Run the action in this process; return the exit status."""
    from django.core.exceptions import ValidationError  # noqa: PLC0415 - as above
    from django.db import connection  # noqa: PLC0415 - likewise

    from claims import shop_client  # noqa: PLC0415 - likewise
    from claims.actions.notices import delivery  # noqa: PLC0415 - likewise

    points = Points(deadly)
    connection.ensure_connection()
    connection.execute_wrappers.append(points.before_statement)
    for owner, function in (
        (connection, "commit"),
        (delivery, "_hand_over"),
        (shop_client, "post"),
    ):
        points.around(owner, function)
    try:
        do(name, words)
    except ValidationError:
        return REFUSED
    print(points.passed)
    return 0


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    status = act(sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3]))
    sys.stdout.flush()
    # Exit at once: taking the interpreter down takes longer than most actions.
    os._exit(status)
