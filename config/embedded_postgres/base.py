"""Django's PostgreSQL backend, which starts a server at the first connection."""

import subprocess
from pathlib import Path
from typing import Any

from django.db.backends.postgresql import base
from django.db.utils import OperationalError

from config.embedded_postgres import server


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self) -> dict[str, Any]:
        folder = Path(self.settings_dict["HOST"])
        try:
            running = server.start(folder)
        except (OSError, subprocess.SubprocessError) as error:
            raise OperationalError(
                f"the embedded PostgreSQL doesn't start on {folder}: {error}"
            ) from error
        params = super().get_connection_params()
        return params | {"host": running.host, "port": running.port}
