from datetime import datetime

from django.db import connection


def database_now() -> datetime:
    """The present by the database's clock: workers' clocks differ, and a deadline must not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now
