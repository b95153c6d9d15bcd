import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from config import pool

pool.answer_soon()
application = get_wsgi_application()
pool.keep_connections()

from claims.jobs import uploads  # noqa: E402 - models can't be imported before the set-up

uploads.keep_incoming_clear()
