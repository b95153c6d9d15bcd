"""System checks for `manage.py check --deploy`."""

from typing import Any

from django.conf import settings
from django.core import checks


def check_malware_scan(**kwargs: Any) -> list[checks.CheckMessage]:
    """Warn if no malware scanner is configured, which is acceptable only in a demo."""
    if settings.CLAMD_URL:
        return []
    return [
        checks.Warning(
            "Customers' files are not scanned for malware.",
            hint="Set CLAMD_URL to the address of clamd (docs/operations.md, Malware).",
            id="claims.W001",
        )
    ]
