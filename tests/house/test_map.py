"""docs/map.md names each module of the big rooms, and none that isn't there."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from django.conf import settings

ROOMS = [
    "policy", "inspection", "formats", "wording", "models", "queries", "actions", "reports", "jobs",
    "portal", "admin", "api", "monitoring",
]  # fmt: skip
MAP = (settings.BASE_DIR / "docs/map.md").read_text()


def modules_of(room: str) -> set[str]:
    folder = settings.BASE_DIR / "claims" / room
    paths = (path.relative_to(folder) for path in folder.rglob("*.py"))
    return {path.with_suffix("").as_posix() for path in paths if path.name != "__init__.py"}


def rows_of(room: str) -> list[tuple[str, str]]:
    """Return the rows of the room's table: a module and half a sentence."""
    _, found, section = MAP.partition(f"\n### `claims/{room}/`")
    assert found, f"The map has no table of {room}."
    section = re.split(r"^##", section, flags=re.MULTILINE)[0]
    return re.findall(r"^\| `([\w/]+)` \| (.*) \|$", section, re.MULTILINE)


def dotted_names() -> set[str]:
    """Return the modules and functions in the section on the ways through the house."""
    ways = MAP.partition("## Ways through the house")[2]
    return set(re.findall(rf"`((?:{'|'.join(ROOMS)})\.[\w.]+)`", ways))


def is_there(name: str) -> bool:
    """Return True if the name is a module, or a name that its module defines."""
    path = settings.BASE_DIR / "claims" / name.replace(".", "/")
    if path.with_suffix(".py").exists():
        return True
    module = path.parent.with_suffix(".py")
    return module.exists() and re.search(rf"\b{path.name}\b", module.read_text()) is not None


@pytest.mark.parametrize("room", ROOMS)
def test_the_map_names_each_module_and_none_that_is_not_there(room):
    assert {module for module, _ in rows_of(room)} == modules_of(room)


@pytest.mark.parametrize("room", ROOMS)
def test_the_map_says_something_else_of_each_module(room):
    said = Counter(words for _, words in rows_of(room))

    assert [words for words, count in said.items() if count > 1 or len(words) < 8] == []


def test_the_ways_through_the_house_go_by_what_is_there():
    assert len(dotted_names()) > 40
    assert {name for name in dotted_names() if not is_there(name)} == set()


def test_the_map_tells_the_order_of_the_subjects():
    assert "core < orders | uploads < review < customer < shop | notices" in MAP
