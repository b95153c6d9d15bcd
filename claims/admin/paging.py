from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator

if TYPE_CHECKING:
    StockPaginator = Paginator[Any]
else:
    StockPaginator = Paginator

MOST_LISTED = 1000


class CappedPaginator(StockPaginator):
    """Pages over the newest rows alone, so that a list costs the same at a million rows.

    What lies further back is found by the filters and the search.
    """

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list  # a queryset here
        found: int = rows[:MOST_LISTED].count()
        return found

    @property
    def is_capped(self) -> bool:
        return self.count == MOST_LISTED
