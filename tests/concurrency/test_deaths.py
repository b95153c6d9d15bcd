"""A kill at any statement loses nothing and repeats nothing."""

from __future__ import annotations

import json
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import Sum
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.checking import faults
from accounts.models import CreditAccount, CreditTransfer
from claims.models import (
    Acknowledgement,
    Claim,
    Decision,
    Event,
    Notice,
    Number,
    Offer,
    Order,
    Receipt,
    Replacement,
    ShopEvent,
    Webhook,
)
from tests.claims.actions.orders.reports import NUMBER, TOP_UP
from tests.claims.actions.review import replacement_requests
from tests.dying import REFUSED
from tests.makers import ANSWERS, REASON, make_claim, make_lease, make_order, newest_event
from tests.processes import PATIENCE, running
from tests.sampling import sample

COUNTED = [
    Acknowledgement,
    CreditTransfer,
    Decision,
    Event,
    Number,
    Order,
    ProcrastinateJob,
    Receipt,
]
BY_STATE = [(Claim, "status"), (Notice, "state"), (Offer, "choice"), (Replacement, "state"),
            (ShopEvent, "state"), (Webhook, "state")]  # fmt: skip


@dataclass
class Deaths:
    """A starter of processes of `tests.dying`."""

    data_dir: Path
    told: dict[str, str]

    def act(self, name: str, words: dict[str, Any], *, deadly: int = 0) -> tuple[int, int]:
        """Return how the process ended, and the number of points it passed unless it died."""
        log = self.data_dir / "dying.log"
        log.unlink(missing_ok=True)
        arguments = ["-m", "tests.dying", name, json.dumps(words), str(deadly)]
        with running(arguments, self.data_dir, log, **self.told) as process:
            status = process.wait(timeout=PATIENCE)
        said = log.read_text().splitlines()
        assert status in (0, REFUSED, -signal.SIGKILL), said
        return status, int(said[-1]) if status == 0 else 0


@pytest.fixture
def deaths(real_commits, shop, server, tmp_path: Path, settings) -> Deaths:
    told = {
        "SHOP_URL": settings.SHOP_URL,
        "SHOP_URL_SECRETS": ",".join(settings.SHOP_URL_SECRETS),
        "SHOP_URL_MAY_BE_PRIVATE": "true",
        "EMAIL_URL": f"smtp://127.0.0.1:{server.port}",
    }
    return Deaths(tmp_path, told)


def world() -> Counter[str]:
    """Count everything that an action may leave behind."""
    found = Counter({model.__name__: model._default_manager.count() for model in COUNTED})
    for model, field in BY_STATE:
        values = model._default_manager.values_list(field, flat=True)
        found.update(f"{model.__name__} {value}" for value in values)
    balance = CreditAccount.objects.aggregate(cents=Sum("balance"))["cents"] or 0
    found["cents"] = int(balance * 100)
    return found


def difference(before: Counter[str], after: Counter[str]) -> dict[str, int]:
    changes = {name: after[name] - before[name] for name in before.keys() | after.keys()}
    return {name: change for name, change in changes.items() if change}


def to_file(ann, sue, max_) -> dict[str, Any]:
    return {
        "order_id": make_order(ann, sms=True).pk, "by": ann.pk, "kind": "major_defect",
        "reason": REASON, "customer_two_factor": False, "terms_accepted": True, "uploads": [],
        "submission": str(uuid4()),
    }  # fmt: skip


def to_decide(ann, by) -> dict[str, Any]:
    claim = make_claim(make_order(ann, sms=True), kind="major_defect")
    make_lease(claim, by)
    return {"claim_id": claim.pk, "by": by.pk, "seen": newest_event(claim)}


def to_approve(ann, sue, max_) -> dict[str, Any]:
    return to_decide(ann, sue) | {"answers": ANSWERS, "note": "Sorry."}


def to_give(ann, sue, max_) -> dict[str, Any]:
    return to_decide(ann, max_) | {"amount": "1.00", "note": "Sorry."}


def to_choose(ann, sue, max_) -> dict[str, Any]:
    claim = replacement_requests.make_defect(ann)
    replacement_requests.offer(claim, sue)
    return {"claim_id": claim.pk, "by": ann.pk}


def to_sweep(ann, sue, max_) -> dict[str, Any]:
    make_claim(make_order(ann))
    return {}


def to_receive(ann, sue, max_) -> dict[str, Any]:
    """Return a top-up, the purchase that it pays for, and its cancellation."""
    name = uuid4().hex
    row = dict(NUMBER) | {"order_id": f"N-{name}", "two_factor": False}
    row.pop("updated_at", None)
    paid = dict(TOP_UP) | {"order_id": f"T-{name}"}
    paid.pop("updated_at", None)
    return {
        "events": [
            [f"{name}-1", "order.created", paid],
            [f"{name}-2", "order.created", row],
            [f"{name}-3", "activation.cancelled", {"order_id": f"N-{name}"}],
        ]
    }


def to_provide(ann, sue, max_) -> dict[str, Any]:
    asked = replacement_requests.request(replacement_requests.make_defect(ann), sue)
    told = replacement_requests.provided(asked, event_id=f"provided-{asked.pk}", at=timezone.now())
    return {"events": [[told.event_id, told.type, told.data]]}


def to_refuse(ann, sue, max_) -> dict[str, Any]:
    asked = replacement_requests.request(replacement_requests.make_defect(ann), sue)
    told = replacement_requests.refused(asked, event_id=f"refused-{asked.pk}")
    return {"events": [[told.event_id, told.type, told.data]]}


SCENES: dict[str, tuple[str, Callable[..., dict[str, Any]]]] = {
    "filing": ("file", to_file),
    "approving": ("approve", to_approve),
    "goodwill": ("goodwill", to_give),
    "choosing the price": ("choose the price", to_choose),
    "choosing the replacement": ("choose the replacement", to_choose),
    "sweeping": ("sweep", to_sweep),
    "receiving orders": ("receive", to_receive),
    "receiving a replacement": ("receive", to_provide),
    "receiving a refusal": ("receive", to_refuse),
}


@pytest.mark.sampled
@pytest.mark.parametrize("scene", SCENES)
def test_killed_at_any_statement_it_is_done_wholly_or_not_at_all_and_then_once(
    deaths, ann, sue, max_, scene
):
    name, prepare = SCENES[scene]
    words = prepare(ann, sue, max_)
    before = world()
    code, points = deaths.act(name, words)
    assert code == 0
    whole = difference(before, world())
    assert whole
    assert points > 5

    left = []
    for deadly in sample(range(1, points + 1), of=scene, share=1 / 4):
        words = prepare(ann, sue, max_)
        before = world()
        code, _ = deaths.act(name, words, deadly=deadly)
        assert code == -signal.SIGKILL
        left.append(difference(before, world()))
        assert left[-1] in ({}, whole), deadly

        code, _ = deaths.act(name, words)

        assert code in (0, REFUSED)
        assert difference(before, world()) == whole, deadly
    assert [*faults()] == []
    # It also dies after its commit.
    assert (left[0], left[-1]) == ({}, whole)


def test_killed_while_it_tells_the_shop_it_tells_it_again(deaths, ann, shop):
    claim = make_claim(make_order(ann, sms=True), kind="major_defect")
    code, points = deaths.act("deliver", {"later": 1})
    assert code == 0
    assert points > 5

    twice = 0
    for deadly in range(1, points + 1):
        claim = make_claim(make_order(ann, sms=True), kind="major_defect")
        webhook = Webhook.objects.get(order=claim.order)
        code, _ = deaths.act("deliver", {"later": 1}, deadly=deadly)
        assert code == -signal.SIGKILL

        # The lease has expired by then.
        deaths.act("deliver", {"later": 200})

        webhook.refresh_from_db()
        told = [event for event in shop.taken if event["id"] == webhook.message_id]
        assert webhook.state == "sent", deadly
        assert 1 <= len(told) <= 2, deadly
        twice += len(told) - 1
    assert twice, "some deaths come after the shop has taken it"


def test_killed_while_it_mails_a_customer_it_mails_once_at_most(deaths, ann, server):
    def event() -> Event:
        claim = make_claim(make_order(ann, sms=True), kind="major_defect")
        found: Event = claim.events.get(kind="filed")
        return found

    code, points = deaths.act("notify", {"event_id": event().pk})
    assert code == 0
    ends: Counter[tuple[str, int]] = Counter()
    for deadly in range(1, points + 1):
        told = event()
        deaths.act("notify", {"event_id": told.pk}, deadly=deadly)
        deaths.act("notify", {"event_id": told.pk})
        notice = Notice.objects.get(event=told)
        mails = [mail for mail in server.mails if mail["Message-ID"] == notice.message_id]
        ends[notice.state, len(mails)] += 1

    assert set(ends) == {("sent", 1), ("unsure", 0), ("unsure", 1)}


def test_what_is_due_tomorrow_is_left_where_it_is(deaths, ann):
    """The processes really use the time that they are given."""
    order = make_order(ann, activation="waiting", allotted=timedelta(days=2))
    deaths.act("sweep", {})

    order.refresh_from_db()
    assert order.returned_at is None
