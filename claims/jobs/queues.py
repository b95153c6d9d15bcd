"""The queues of jobs. Each has slots of its own, so what is slow in one delays no other."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from claims.actions.uploads.intake import INSPECTION_QUEUE


class Queue(StrEnum):
    """The queues by what their jobs may wait for.

    `time` and `review` wait for the database alone, `shop` for the shop, `sign-in` and `mail` for
    the mail server, `upkeep` for the store, and `inspection` for large files and the scanner.
    """

    TIME = "time"
    SHOP = "shop"
    SIGN_IN = "sign-in"
    MAIL = "mail"
    REVIEW = "review"
    UPKEEP = "upkeep"
    INSPECTION = INSPECTION_QUEUE


# The jobs of each queue that a worker has in hand at once.
SLOTS: Final[Mapping[Queue, int]] = {
    Queue.TIME: 3,
    Queue.SHOP: 2,
    Queue.SIGN_IN: 4,
    Queue.MAIL: 4,
    Queue.REVIEW: 2,
    Queue.UPKEEP: 1,
    Queue.INSPECTION: 2,
}
