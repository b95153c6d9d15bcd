"""The limits on the length of functions and files, and the rule that a class name occurs once."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from django.conf import settings

CODE = ("accounts", "claims", "config")
LONGEST_FUNCTION, LONGEST_FILE, USUAL_FUNCTION = 45, 400, 7
"""In lines, signature and docstring included."""


def files(*folders: str) -> Iterator[Path]:
    """Yield the Python files of these folders, without migrations."""
    for folder in folders:
        for path in sorted((settings.BASE_DIR / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def lengths_of_functions() -> dict[str, int]:
    return {
        f"{path.relative_to(settings.BASE_DIR)}:{node.lineno} {node.name}": lines(node)
        for path in files(*CODE)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    assert node.end_lineno
    return node.end_lineno - node.lineno + 1


def test_no_function_is_longer_than_a_screen():
    lengths = lengths_of_functions()

    assert len(lengths) > 1000
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


def test_most_functions_are_short():
    assert median(lengths_of_functions().values()) <= USUAL_FUNCTION


def test_no_file_is_longer_than_a_person_reads_at_once():
    lengths = {
        str(path.relative_to(settings.BASE_DIR)): len(path.read_text().splitlines())
        for path in files(*CODE, "tests")
    }

    assert len(lengths) > 500
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_a_class_name_occurs_once_in_the_project():
    names = Counter(
        node.name
        for path in files(*CODE)
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef)
    )
    del names["Command"]  # Django finds each management command by this name.

    assert {name: count for name, count in names.items() if count > 1} == {}
