"""How often somebody may do something in a minute, counted for all processes together.

The minute is the database's, so that machines whose clocks differ count in the same one; one
statement counts and answers, so that requests at the same moment are each counted. A cache's own
`get` and `set` would lose some of them.
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
    """Count one more for this key; 0, or how long to wait when it was more than `most`."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [key])
        count, left = cursor.fetchone()
    return max(int(left), 1) if count > most else 0
