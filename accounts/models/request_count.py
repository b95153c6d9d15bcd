from __future__ import annotations

from django.db import models


class RequestCount(models.Model):
    """How often somebody did something in the minute that runs: a row for each, written anew."""

    key = models.CharField(max_length=80, primary_key=True)
    minute = models.DateTimeField()
    count = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"
