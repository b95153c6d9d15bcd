"""A sample of the exhaustive tests: another one in each run of `make test`, all of them at night.

The run draws a seed and prints it. `SAMPLE_SEED=…` draws the same sample again, `SAMPLE=all` plays
everything. A test that samples has the mark `sampled`; `make nightly` runs it whole.
"""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from typing import TypeVar

import pytest

T = TypeVar("T")
SEED = "SAMPLE_SEED"


def is_whole() -> bool:
    return os.environ.get("SAMPLE") == "all"


def draw_seed() -> None:
    """Draw the seed once for the run; its processes inherit it."""
    os.environ.setdefault(SEED, str(random.SystemRandom().randrange(1_000_000)))


def describe() -> str:
    if is_whole():
        return "sampled tests are played whole"
    return f"sampled with {SEED}={os.environ[SEED]} (SAMPLE=all plays everything)"


def sample(everything: Sequence[T], *, of: str, share: float = 1 / 3) -> list[T]:
    """Return the first, the last and a share of what is between, in their order; `of` names it."""
    if is_whole() or len(everything) < 3:
        return list(everything)
    between = range(1, len(everything) - 1)
    chosen = random.Random(f"{os.environ[SEED]} {of}").sample(between, round(len(between) * share))
    return [everything[at] for at in sorted({0, *chosen, len(everything) - 1})]


def keep(items: Sequence[pytest.Item]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """Return the tests that this run plays, and those that it skips. Of the tests under one mark
    `sampled(share=…)` it plays that share, and at least one.
    """
    groups: dict[int, tuple[float, list[pytest.Item]]] = {}
    for item in items:
        mark = item.get_closest_marker("sampled")
        if mark and "share" in mark.kwargs and not is_whole():
            groups.setdefault(id(mark), (mark.kwargs["share"], []))[1].append(item)
    left: set[pytest.Item] = set()
    for share, group in groups.values():
        count = len(group) - max(1, round(len(group) * share))
        left |= {*random.Random(f"{os.environ[SEED]} {group[0].nodeid}").sample(group, count)}
    return [item for item in items if item not in left], [item for item in items if item in left]


def load(most: int, *, share: float = 1 / 5) -> int:
    """Return how many rows a load test takes: a share of `most`, all of them at night."""
    return most if is_whole() else round(most * share)
