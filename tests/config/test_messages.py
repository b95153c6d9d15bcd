"""The catalogues of messages are whole, and what isn't is told."""

from shutil import copytree

import pytest
from django.conf import settings

from config import messages

HELLO = 'msgid "Hello %(customer)s,"\nmsgstr "Guten Tag %(customer)s,"'


@pytest.fixture
def catalogue(tmp_path, settings):
    """A copy of the catalogue, in force."""
    copytree(settings.LOCALE_PATHS[0], tmp_path / "locale")
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    return tmp_path / "locale" / "de" / "LC_MESSAGES" / "django.po"


def test_all_messages_are_there_and_what_mails_say_is_translated():
    assert messages.main([]) == 0


@pytest.mark.parametrize(
    "instead",
    [
        'msgid "Hello %(customer)s,"\nmsgstr ""',
        '#, fuzzy\nmsgid "Hello %(customer)s,"\nmsgstr "Guten Tag %(customer)s,"',
    ],
    ids=["missing", "fuzzy"],
)
def test_a_message_of_a_mail_is_translated(catalogue, capsys, instead):
    catalogue.write_text(catalogue.read_text().replace(HELLO, instead))

    assert messages.main([]) == 1
    assert "'Hello %(customer)s,' is not translated" in capsys.readouterr().err


def test_a_message_that_the_catalogue_lacks_is_told(catalogue, capsys):
    catalogue.write_text(catalogue.read_text().replace(HELLO, 'msgid "Gone"\nmsgstr ""'))

    assert messages.main([]) == 1
    told = capsys.readouterr().err
    assert "Gone" in told
    assert "make messages" in told


def test_the_compiled_catalogue_is_not_committed():
    ignored = (settings.BASE_DIR / ".gitignore").read_text().splitlines()
    assert "*.mo" in ignored
