"""What whoever starts the project finds in it: people, orders for every clause, a full queue."""

from claims.management.demo.loading import is_loaded, load
from claims.management.demo.people import PASSWORD, PEOPLE

__all__ = ["PASSWORD", "PEOPLE", "is_loaded", "load"]
