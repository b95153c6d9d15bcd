from __future__ import annotations

from django.db import models


class JobCount(models.Model):
    """The number of runs of one task in one queue, by their end and by how long they took.

    Rows of jobs are deleted after a day, and a worker has no page of its own. Workers count here.
    """

    class Outcome(models.TextChoices):
        SUCCEEDED = "succeeded"
        RETRIED = "retried"
        FAILED = "failed"

    queue = models.CharField(max_length=128)
    task = models.CharField(max_length=128)
    outcome = models.CharField(max_length=9, choices=Outcome.choices)
    bucket = models.CharField(max_length=8, help_text="The most seconds of these runs, or +Inf.")
    count = models.PositiveBigIntegerField()
    seconds = models.FloatField(help_text="Of all these runs together.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["task", "queue", "outcome", "bucket"], name="one_count_per_kind_of_run"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task} in {self.queue}, {self.outcome}: {self.count}"
