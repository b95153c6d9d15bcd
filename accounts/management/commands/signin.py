from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils import timezone

from accounts.sign_in_links import CannotSignInError, make_link


class Command(BaseCommand):
    help = (
        "Print a link by which the person with this address signs in without a mail: once, within"
        " 15 minutes. Opening it proves the address, so give it to that person alone."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="the address of a person who has an account")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        try:
            secret = make_link(email=email, now=timezone.now())
        except CannotSignInError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(settings.BASE_URL + reverse("sign_in_link", args=[secret]))
