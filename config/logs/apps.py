from importlib import import_module

from django.apps import AppConfig


class LogsConfig(AppConfig):
    name = "config.logs"

    def ready(self) -> None:
        """Connect the receivers of security events, and watch every connection's queries."""
        import_module("config.logs.security")
        import_module("config.logs.queries")
