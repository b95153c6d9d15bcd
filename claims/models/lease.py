from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models

from claims.models.claim import Claim


class LeaseQuerySet(models.QuerySet["Lease"]):
    def live(self, *, now: datetime) -> LeaseQuerySet:
        return self.filter(until__gt=now)


class Lease(models.Model):
    """A reviewer's hold on a claim for some minutes, in which nobody else decides it.

    It ends by itself: an expired lease counts for nothing.
    """

    claim = models.OneToOneField(
        Claim, on_delete=models.CASCADE, primary_key=True, related_name="lease"
    )
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="leases", db_index=False
    )
    taken_at = models.DateTimeField()
    until = models.DateTimeField()

    objects = LeaseQuerySet.as_manager()

    class Meta:
        indexes = [
            # Serves `leased_by`, on each page of the queue.
            models.Index(fields=["holder", "until"], name="leases_of_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.claim}: {self.holder} until {self.until:%H:%M}"
