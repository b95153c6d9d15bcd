from __future__ import annotations

from typing import Any

from procrastinate.contrib.django.management.commands import procrastinate

from claims.jobs import uploads


class Command(procrastinate.Command):
    """Procrastinate's own, whose workers also clear the folder for incoming files where they run.

    Django takes it for the command because `claims` stands before Procrastinate in INSTALLED_APPS.
    """

    def handle(self, *args: Any, **options: Any) -> None:
        if options["command"] == "worker":
            uploads.keep_incoming_clear()
        super().handle(*args, **options)
