"""Processes that die at a statement: python -m tests.dying, one line of JSON for each on stdin.

It is set up once and forks a process for each line, which does one action on a connection of its
own, and kills itself at the point that the line says. Points are: before each statement, before and
after each commit, and before and after what is said to the world outside. Answered is how the
process ended, and how many points it has passed.
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
    """Counts, and dies at the one that is deadly; 0 is none."""

    def __init__(self, deadly: int) -> None:
        self.deadly = deadly
        self.passed = 0

    def one(self) -> None:
        self.passed += 1
        if self.passed == self.deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, owner: Any, name: str) -> None:
        """One before and one after each call of this function."""
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
    """Do what a line asks for. A few words aren't JSON, and become what they stand for."""
    from accounts.models import User  # noqa: PLC0415 - models can't be imported before the set-up

    named = dict(words)
    if "by" in named:
        named["by"] = User.objects.get(pk=named["by"])
    for word, meaning in {"submission": UUID, "amount": Decimal}.items():
        if word in named:
            named[word] = meaning(named[word])
    ACTIONS[name](named)


def act_on_claims(name: str) -> Action:
    """An action of one of these modules, at the present."""

    def run(words: dict[str, Any]) -> None:
        module, _, function = name.partition(".")
        action = getattr(import_module(f"claims.actions.{module}"), function)
        action(now=datetime.now(UTC), **words)

    return run


def receive(words: dict[str, Any]) -> None:
    from claims.actions import shop_events, shop_messages  # noqa: PLC0415 - as above

    now = datetime.now(UTC)
    messages = [
        shop_messages.ShopMessage(event_id, kind, now - timedelta(seconds=1), data)
        for event_id, kind, data in words["events"]
    ]
    shop_events.receive_shop_events(messages=messages, now=now)


def notify(words: dict[str, Any]) -> None:
    from claims.actions import sending  # noqa: PLC0415 - as above

    sending.send_notice(event_id=words["event_id"], clock=lambda: datetime.now(UTC))


def deliver(words: dict[str, Any]) -> None:
    from claims.actions import delivering  # noqa: PLC0415 - as above

    later = timedelta(seconds=words["later"])
    delivering.deliver_due(clock=lambda: datetime.now(UTC) + later)


ACTIONS: dict[str, Action] = {
    "file": act_on_claims("filing.file_claim"),
    "approve": act_on_claims("deciding.approve"),
    "goodwill": act_on_claims("deciding.give_goodwill"),
    "choose the price": act_on_claims("offering.choose_refund"),
    "choose the replacement": act_on_claims("offering.choose_replacement"),
    "sweep": act_on_claims("returning.return_expired"),
    "receive": receive,
    "notify": notify,
    "deliver": deliver,
}


def act(name: str, words: dict[str, Any], deadly: int) -> tuple[int, int]:
    """Do it in this process; the exit status, and how many points were passed."""
    from django.core.exceptions import ValidationError  # noqa: PLC0415 - as above
    from django.db import connection  # noqa: PLC0415 - likewise

    from claims.actions import sending, shop_line  # noqa: PLC0415 - likewise

    points = Points(deadly)
    connection.ensure_connection()
    connection.execute_wrappers.append(points.before_statement)
    for owner, function in (
        (connection, "commit"),
        (sending, "_hand_over"),
        (shop_line, "post"),
    ):
        points.around(owner, function)
    try:
        do(name, words)
    except ValidationError:
        return REFUSED, points.passed
    return 0, points.passed


def main() -> None:
    for line in sys.stdin:
        name, words, deadly = json.loads(line)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            status, passed = act(name, words, deadly)
            os.write(writing, str(passed).encode())
            os._exit(status)
        os.close(writing)
        with os.fdopen(reading) as said:
            passed_text = said.read()
        _, status = os.waitpid(child, 0)
        print(json.dumps([os.waitstatus_to_exitcode(status), int(passed_text or 0)]), flush=True)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    main()
