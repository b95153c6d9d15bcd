"""A customer's address changes while they make a token for their program."""

import threading

from django.utils import timezone

from accounts import address_holders, tokens
from accounts.tokens import live_tokens, make_token
from claims.actions.orders.intake import receive_orders
from tests.claims.actions.orders.reports import NOW, bought, minutes
from tests.concurrency.racing import errors, race, someone_waits
from tests.makers import make_customer_id
from tests.processes import PATIENCE, wait_until


def move_while_a_token_is_made(ann, monkeypatch):
    """Make the token, and commit it only once the change waits for it or is over."""
    begun, ended = threading.Event(), threading.Event()
    digest = tokens._digest

    def digest_later(secret):
        begun.set()
        wait_until(lambda: ended.is_set() or someone_waits())
        return digest(secret)

    def move():
        begun.wait(timeout=PATIENCE)
        try:
            return receive_orders(
                reports=[bought(customer_id="c-1", customer_email="new@example.com")], now=NOW
            )
        finally:
            ended.set()

    def make():
        return make_token(owner=ann, name="bot", scopes=["orders:read"], now=timezone.now())

    make_customer_id(ann, "c-1")
    receive_orders(reports=[bought("N-0", customer_id="c-1", updated_at=minutes(-1),
                                   purchased_at=minutes(-1))], now=NOW)  # fmt: skip
    monkeypatch.setattr(tokens, "_digest", digest_later)
    assert errors(race(make, move)) == []
    ann.refresh_from_db()
    assert ann.email == "new@example.com"


def test_the_token_ends_with_the_old_address(ann, monkeypatch):
    move_while_a_token_is_made(ann, monkeypatch)

    assert not live_tokens(ann).exists()


def test_without_the_lock_the_token_lives_on(ann, monkeypatch):
    monkeypatch.setattr(address_holders, "lock_people", lambda people: None)

    move_while_a_token_is_made(ann, monkeypatch)

    assert live_tokens(ann).exists()
