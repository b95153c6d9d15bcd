import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.config.test_env_example import variables_read

PRODUCTION = {
    "DEBUG": "false",
    "SECRET_KEY": secrets.token_urlsafe(50),
    "ALLOWED_HOSTS": "claims.example",
    "BASE_URL": "https://claims.example",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
    "DATABASE_OWNER_URL": "postgresql://somebody@127.0.0.1:1/nothing",
    "EMAIL_URL": "smtp://127.0.0.1:1",
    "CLAMD_URL": "unix:///run/clamav/clamd.ctl",
}


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    """Return a short path outside pytest's own folders, which other users can't open: as root, the
    database server runs as another user.
    """
    folder = Path(tempfile.mkdtemp(prefix="claims-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def is_of_others(name: str) -> bool:
    """Return True if the portal doesn't read this variable."""
    return name.removesuffix("_FILE") not in variables_read()


@pytest.fixture(scope="module")
def bare(data_dir: Path) -> dict[str, str]:
    """Return an environment in which only the data folder is configured."""
    kept = {name: value for name, value in os.environ.items() if is_of_others(name)}
    return kept | {
        "DATA_DIR": str(data_dir),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": str(settings.BASE_DIR),
    }


@pytest.fixture
def production(bare: dict[str, str]) -> dict[str, str]:
    return bare | PRODUCTION


@pytest.fixture(scope="module")
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
