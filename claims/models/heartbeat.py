from __future__ import annotations

from django.db import models


class Heartbeat(models.Model):
    """The last time at which a job of a queue ran to say that the queue is being worked on.

    A worker that is alive but hangs in every job writes none.
    """

    queue = models.CharField(max_length=128, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.queue}: {self.at:%H:%M:%S}"
