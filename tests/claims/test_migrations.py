"""Migrations on a database that has been in use."""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from claims.models import Piece, Upload
from tests.makers import make_order, make_upload, make_user

BEFORE_PIECES = [("claims", "0003_staff_groups")]


def migrate(targets):
    executor = MigrationExecutor(connection)
    return executor.migrate(targets).apps


def test_files_that_wait_when_uploads_get_pieces_are_one_piece_each(
    real_commits, django_db_blocker
):
    with django_db_blocker.unblock():
        latest = MigrationExecutor(connection).loader.graph.leaf_nodes("claims")
        order = make_order(make_user("ann@example.com"))
        waiting, inspected = make_upload(order), make_upload(order, state="accepted")
        old = migrate(BEFORE_PIECES).get_model("claims", "Upload")
        old.objects.filter(pk=waiting.pk).update(spool_name="ab/abcd")

        migrate(latest)

        piece = Piece.objects.get()
        assert (piece.upload_id, piece.name, piece.offset) == (waiting.pk, "ab/abcd", 0)
        assert piece.size == waiting.size
        assert piece.sha256 == ""
        for upload in Upload.objects.filter(pk__in=[waiting.pk, inspected.pk]):
            assert upload.received == upload.size
            assert upload.removed_at is None
