from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from claims.management import demo


class Command(BaseCommand):
    help = (
        "Load the demo: people, orders for every clause of the policy, and a queue of claims with"
        " pictures and videos. Does nothing when it is there."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--people", action="store_true", help="only list who can sign in, and their password"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("DEBUG is false: the demo's passwords are no secret. Not loaded.")
        if options["people"]:
            self._list_people()
        elif not demo.is_loaded():
            demo.load(now=timezone.now(), say=self.stdout.write if options["verbosity"] else _mute)

    def _list_people(self) -> None:
        for person in demo.PEOPLE:
            self.stdout.write(f"{person.email:26} {demo.PASSWORD}  {person.what_for}")


def _mute(text: str) -> None:
    """Say nothing."""
