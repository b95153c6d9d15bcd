"""The message catalogues: `update` extracts them, `check` ensures that they are complete.

Pages are in English, so only the messages of mails to customers need a translation.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import django
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.commands.makemessages import Command
from django.test.utils import override_settings

from config.environment.refusals import told_in_one_line

LANGUAGES = ["de"]
MAILS = (
    "templates/emails/",
    "claims/wording/file_problems.py",
    "claims/wording/instants.py",
    "claims/wording/subjects.py",
    "claims/wording/titles.py",
)
NOT_FOR_CUSTOMERS = "templates/emails/staff/"
# Django would write what it finds beside a folder of this name into that folder, also in a check.
IGNORED = [".venv", ".data", "tests", "docs", "locale"]


class Extraction(Command):
    """Django's extraction, which guesses no translation of a new message from an old one."""

    msgmerge_options = [*Command.msgmerge_options, "--no-fuzzy-matching"]


def main(arguments: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    try:
        if arguments == ["update"]:
            extract()
            return 0
        problems = [*outdated(), *untranslated()]
    except CommandError as error:
        problems = [f"{error} On Debian: apt-get install gettext"]
    print(*problems, sep="\n", file=sys.stderr)
    return 1 if problems else 0


def extract() -> None:
    """Write the messages of all code and templates into the catalogues; keep translations."""
    call_command(
        Extraction(),
        locale=LANGUAGES,
        ignore_patterns=IGNORED,
        add_location="file",
        no_wrap=True,
        no_obsolete=True,
        verbosity=0,
    )


def outdated() -> list[str]:
    """Return a line for each message that a catalogue lacks or that nothing uses any more."""
    before = {language: _messages(catalogue(language)) for language in LANGUAGES}
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "locale"
        shutil.copytree(settings.LOCALE_PATHS[0], copy)
        with override_settings(LOCALE_PATHS=[copy]):
            extract()
            after = {language: _messages(catalogue(language)) for language in LANGUAGES}
    return [
        f"{language}: {message_id!r} is missing or left over; run: make messages"
        for language in LANGUAGES
        for message_id in sorted(before[language] ^ after[language], key=str)
    ]


def untranslated() -> list[str]:
    """Return a line for each message of customer mails whose translation is missing or fuzzy."""
    return [
        f"{language}: {message.id!r} is not translated, and mails say it"
        for language in LANGUAGES
        for message in catalogue(language)
        if message.id and _is_mailed(message) and (message.fuzzy or not _is_whole(message))
    ]


def catalogue(language: str) -> Catalog:
    path = Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _messages(messages: Catalog) -> set[tuple[str, str]]:
    return {(message.context or "", str(message.id)) for message in messages if message.id}


def _is_mailed(message: Message) -> bool:
    return any(
        path.startswith(MAILS) and not path.startswith(NOT_FOR_CUSTOMERS)
        for path, _ in message.locations
    )


def _is_whole(message: Message) -> bool:
    said = message.string
    return all(said) if isinstance(said, list | tuple) else bool(said)


if __name__ == "__main__":
    with told_in_one_line():
        sys.exit(main(sys.argv[1:]))
