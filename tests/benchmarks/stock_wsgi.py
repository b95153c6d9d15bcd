"""The portal as it is served, with a stock admin's list of claims beside it."""

from django.conf import settings

settings.ROOT_URLCONF = "tests.benchmarks.stock_urls"

from config.wsgi import application as application  # noqa: E402 - it reads the settings
