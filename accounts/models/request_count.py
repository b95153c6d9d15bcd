from __future__ import annotations

from django.db import models


class RequestCount(models.Model):
    """The number of requests under one key in a minute. The next minute overwrites the row."""

    key = models.CharField(max_length=80, primary_key=True)
    minute = models.DateTimeField()
    count = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"
