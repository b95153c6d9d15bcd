"""The catalogues of messages are complete, and the checks report what is missing."""

import os
import shutil

import pytest
from django.conf import settings

from config import messages

HELLO = 'msgid "Hello %(customer)s,"\nmsgstr "Guten Tag %(customer)s,"'


@pytest.fixture
def catalogue(tmp_path, settings):
    """Return a copy of the catalogue, which the settings use."""
    shutil.copytree(settings.LOCALE_PATHS[0], tmp_path / "locale")
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    return tmp_path / "locale" / "de" / "LC_MESSAGES" / "django.po"


@pytest.fixture
def extraction() -> None:
    """Skip the test where xgettext is missing, unless all tests must run."""
    if shutil.which("xgettext"):
        return
    if os.environ.get("CI"):
        pytest.fail("No gettext was found. Install one (Debian: gettext).")
    # A developer may lack gettext; under CI the line above fails instead.
    pytest.skip("No gettext was found; Debian has it as gettext.")


def test_all_messages_are_there(extraction):
    assert messages.outdated() == []


def test_the_check_writes_to_no_catalogue_of_the_project(extraction):
    files = sorted(settings.LOCALE_PATHS[0].rglob("*.po"))
    before = [file.read_bytes() for file in files]
    messages.outdated()
    assert [file.read_bytes() for file in files] == before


def test_all_that_mails_say_is_translated():
    assert messages.untranslated() == []


@pytest.mark.parametrize(
    "instead",
    [
        'msgid "Hello %(customer)s,"\nmsgstr ""',
        '#, fuzzy\nmsgid "Hello %(customer)s,"\nmsgstr "Guten Tag %(customer)s,"',
    ],
    ids=["missing", "fuzzy"],
)
def test_a_message_of_a_mail_is_translated(catalogue, instead):
    catalogue.write_text(catalogue.read_text().replace(HELLO, instead))

    (problem,) = messages.untranslated()
    assert "'Hello %(customer)s,' is not translated" in problem


def test_a_message_that_the_catalogue_lacks_is_told(extraction, catalogue, capsys):
    catalogue.write_text(catalogue.read_text().replace(HELLO, 'msgid "Gone"\nmsgstr ""'))

    assert messages.main([]) == 1
    told = capsys.readouterr().err
    assert "Gone" in told
    assert "make messages" in told


def test_the_compiled_catalogue_is_not_committed():
    ignored = (settings.BASE_DIR / ".gitignore").read_text().splitlines()
    assert "*.mo" in ignored
