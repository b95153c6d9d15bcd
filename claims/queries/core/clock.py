from datetime import datetime

from django.db import connection


def database_now() -> datetime:
    """Return the present by the database's clock, since workers' clocks differ."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now
