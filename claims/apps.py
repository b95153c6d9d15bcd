from django.apps import AppConfig
from django.core.checks import Tags, register

from claims.checks import check_malware_scan


class ClaimsConfig(AppConfig):
    name = "claims"
    verbose_name = "Claims"

    def ready(self) -> None:
        register(check_malware_scan, Tags.security, deploy=True)
