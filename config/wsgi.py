import os

from django.core.wsgi import get_wsgi_application

from config.environment.refusals import told_in_one_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from config import pool

with told_in_one_line():
    pool.answer_soon()
    pool.limit_waits()
    application = get_wsgi_application()
    pool.keep_connections()

from claims.jobs import uploads
from claims.monitoring import probes

uploads.keep_incoming_clear()
# Reading them takes a fifth of a second, and the first question of a balancer shouldn't wait.
probes.migrations_of_this_code()
