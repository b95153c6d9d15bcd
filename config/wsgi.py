import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from config import pool

pool.keep_connections()
application = get_wsgi_application()

from claims.jobs import uploads  # noqa: E402 - models can't be imported before the set-up

uploads.keep_incoming_clear()
