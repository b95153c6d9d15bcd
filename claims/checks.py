"""What `manage.py check --deploy` says of an installation."""

from typing import Any

from django.conf import settings
from django.core import checks


def check_malware_scan(**kwargs: Any) -> list[checks.CheckMessage]:
    """Files of strangers should be scanned; a demo goes without."""
    if settings.CLAMD_URL:
        return []
    return [
        checks.Warning(
            "Customers' files are not scanned for malware.",
            hint="Set CLAMD_URL to where clamd listens (docs/operations.md, Malware).",
            id="claims.W001",
        )
    ]
