from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People and credit")

    def ready(self) -> None:
        """Connect the signal receivers of `accounts.proving`."""
        import_module("accounts.proving")
