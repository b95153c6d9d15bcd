from __future__ import annotations

import pytest
from django.db import OperationalError, connection

from accounts.models import User
from claims.models import Claim
from claims.reports import claims_csv
from claims.reports.exporting import CHUNK, copied
from tests.claims.reports.reading import rows
from tests.makers import make_claim, make_order, make_user

LONG_CLAIMS = 24


def make_long_claims(customer: User) -> None:
    """Make more claims than fit into one piece."""
    for _ in range(LONG_CLAIMS):
        make_claim(make_order(customer), reason="a long and clear reason " * 150)


def test_pieces_are_bytes_of_about_64_kilobytes(ann):
    make_long_claims(ann)
    pieces = list(claims_csv(Claim.objects.all()))
    assert [type(piece) for piece in pieces] == [bytes, bytes]
    assert CHUNK <= len(pieces[0]) < CHUNK + 5000
    assert len(rows()) == LONG_CLAIMS


def test_nothing_runs_before_the_first_piece_is_asked_for(ann, django_assert_num_queries):
    make_claim(make_order(ann))
    with django_assert_num_queries(0):
        claims_csv(Claim.objects.all())


def test_a_reader_who_leaves_early_leaves_the_connection_usable(ann):
    make_long_claims(ann)
    pieces = claims_csv(Claim.objects.all())
    next(pieces)
    pieces.close()
    assert Claim.objects.count() == LONG_CLAIMS
    assert len(rows()) == LONG_CLAIMS


def test_a_reader_who_leaves_early_leaves_no_transaction_open(real_commits, django_db_blocker):
    with django_db_blocker.unblock():
        ann = make_user("ann@example.com")
        make_long_claims(ann)
        pieces = claims_csv(Claim.objects.all())
        next(pieces)
        assert connection.in_atomic_block
        pieces.close()
        assert not connection.in_atomic_block
        assert len(rows()) == LONG_CLAIMS


def test_an_export_may_take_longer_than_a_page(real_commits, django_db_blocker):
    slow = "SELECT pg_sleep(0.5)"
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '200ms'")
        with pytest.raises(OperationalError, match="statement timeout"):
            cursor.execute(slow)

        list(copied(slow, using="default"))

        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("200ms",)
        cursor.execute("RESET statement_timeout")
