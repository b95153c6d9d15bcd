"""The counts of jobs that ran, which workers keep for the page of metrics."""

from __future__ import annotations

from typing import Final

from procrastinate.connector import BaseAsyncConnector

from claims.models import JobCount

BUCKETS: Final = (0.5, 2.0, 5.0, 15.0, 60.0, 300.0)
"""Upper ends in seconds: a mail should take less than two, a long video takes minutes."""
LONGER: Final = "+Inf"
COUNT: Final = """
INSERT INTO claims_jobcount AS counted (task, queue, outcome, bucket, count, seconds)
VALUES (%(task)s, %(queue)s, %(outcome)s, %(bucket)s, 1, %(seconds)s)
ON CONFLICT (task, queue, outcome, bucket) DO UPDATE
   SET count = counted.count + 1, seconds = counted.seconds + excluded.seconds
"""


async def count_job(
    connector: BaseAsyncConnector, *, task: str, queue: str, outcome: JobCount.Outcome,
    seconds: float,
) -> None:  # fmt: skip
    """Count one run of a job. One statement counts, so that no run of another worker is lost."""
    await connector.execute_query_async(
        COUNT, task=task, queue=queue, outcome=outcome.value, bucket=bucket_of(seconds),
        seconds=seconds,
    )  # fmt: skip


def bucket_of(seconds: float) -> str:
    """Return the name of the first bucket that is long enough."""
    return next((str(end) for end in BUCKETS if seconds <= end), LONGER)
