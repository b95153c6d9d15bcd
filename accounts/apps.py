from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People and credit"

    def ready(self) -> None:
        """Its receivers listen from the start."""
        import_module("accounts.proving")
