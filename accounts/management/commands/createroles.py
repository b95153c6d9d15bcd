from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

from accounts import roles
from accounts.owner import as_owner


class Command(BaseCommand):
    help = (
        "Make or update the two roles of the database: the owner of the tables, named by"
        " DATABASE_OWNER_URL, and the role of the portal's processes, named by DATABASE_URL, with"
        " their passwords and rights. Connects as the owner, or as an administrator. It may run"
        " as often as you like."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--administrator",
            default="",
            metavar="ROLE",
            help="connect as this role, which may make roles, with the password in PGPASSWORD or"
            " ~/.pgpass; it makes the owner, too, and gives it all tables",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with as_owner(administrator=options["administrator"]):
                done = roles.make_roles()
            # The owner itself gives the rights, so that later tables of its own have them, too.
            with as_owner():
                roles.give_rights()
            connection.ensure_connection()
        except roles.CannotMakeRoles as error:
            raise CommandError(str(error)) from error
        except OperationalError as error:
            raise CommandError(f"A role can't sign in: {error}") from error
        if options["verbosity"]:
            self.stdout.write("\n".join([*done, "Both roles can sign in and have their rights."]))
