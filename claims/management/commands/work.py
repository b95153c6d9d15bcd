"""The worker process."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from claims.jobs import uploads
from claims.jobs.queues import Queue
from claims.jobs.worker import work

GRACE = 25


class Command(BaseCommand):
    help = "Work off the jobs of these queues, or of all, until a stop signal."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("queues", nargs="*", type=Queue, metavar="QUEUE", help=", ".join(Queue))
        parser.add_argument(
            "--but", action="append", type=Queue, default=[], metavar="QUEUE", help="leave it out"
        )
        parser.add_argument(
            "--grace",
            type=float,
            default=GRACE,
            help=f"seconds for the jobs in hand after a stop signal ({GRACE})",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = options["queues"] or list(Queue)
        queues = [queue for queue in wanted if queue not in options["but"]]
        if not queues:
            raise CommandError("No queue is left to work off.")
        uploads.keep_incoming_clear()
        asyncio.run(work(queues, grace=options["grace"]))
