from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People and credit")

    def ready(self) -> None:
        """Connect the signal receivers of `accounts.proving`, and what follows each `migrate`."""
        import_module("accounts.proving")
        post_migrate.connect(_follow_tables, sender=self)
        checks = import_module("accounts.checks")
        register(checks.check_two_roles, Tags.security, deploy=True)
        register(checks.check_role, Tags.database)


def _follow_tables(**kwargs: Any) -> None:
    import_module("accounts.roles").follow_tables()
