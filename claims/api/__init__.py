"""The API for machines, at /api/v1/."""

from claims.api.door import api

__all__ = ["api"]
