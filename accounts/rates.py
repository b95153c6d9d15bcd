"""Rate limits by the minute, which all processes count together.

The database's clock sets the minute, so that machines whose clocks differ count in the same one.
One statement counts and answers, so that it counts each of several simultaneous requests; a
cache's `get` and `set` would lose some.
"""

from __future__ import annotations

from django.db import connection

COUNT = """
INSERT INTO accounts_requestcount AS counted (key, minute, count)
VALUES (%s, date_trunc('minute', clock_timestamp()), 1)
ON CONFLICT (key) DO UPDATE
   SET count = CASE WHEN counted.minute = excluded.minute THEN counted.count + 1 ELSE 1 END,
       minute = excluded.minute
RETURNING count, 60 - extract(second FROM clock_timestamp())::int
"""


def seconds_to_wait(key: str, *, most: int) -> int:
    """Count a request for this key; return 0, or the seconds to wait when it exceeds `most`."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [key])
        count, left = cursor.fetchone()
    return max(int(left), 1) if count > most else 0
