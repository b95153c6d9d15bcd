import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def nobody_is_slowed_down() -> None:
    """The rate limits of the sign-in pages count in the cache, which outlives a test."""
    cache.clear()
