import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from config import pool

pool.keep_connections()
application = get_wsgi_application()

from claims.jobs import uploads  # noqa: E402 - models can't be imported before the set-up
from claims.monitoring import probes  # noqa: E402

uploads.keep_incoming_clear()
# Reading them takes a fifth of a second, and the first question of a balancer shouldn't wait.
probes.migrations_of_this_code()
