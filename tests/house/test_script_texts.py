"""Scripts contain no text of their own: the pages hold the texts, so that they are translated."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string

SCRIPTS = settings.BASE_DIR / "claims" / "static" / "claims"
TEXTS = settings.BASE_DIR / "templates" / "includes" / "texts"
# Two words with a space between them, or a word and a full stop, in quotes.
SENTENCE = re.compile(
    r"""["'`][^"'`]*\b[A-Z][a-z]+ (?:\$\{|[a-z]+)[^"'`]*["'`]|["'`][A-Z][^"'`]*\.["'`]"""
)


def code(script: Path) -> str:
    """Return the script without its comments."""
    text = re.sub(r"/\*.*?\*/", "", script.read_text(), flags=re.DOTALL)
    return re.sub(r"(?m)(^|\s)//.*$", "", text)


def names_in_pages() -> list[str]:
    pages = [render_to_string(f"includes/texts/{page.name}") for page in TEXTS.iterdir()]
    return [name for page in pages for name in re.findall(r'data-text="([^"]+)"', page)]


ALL_CODE = "\n".join(code(script) for script in SCRIPTS.glob("*.js"))


def test_each_text_that_a_script_asks_for_stands_in_a_page() -> None:
    asked = set(re.findall(r'textOf\("([^"]+)"', ALL_CODE))
    assert len(asked) > 30
    assert asked <= set(names_in_pages())


@pytest.mark.parametrize("name", sorted(set(names_in_pages())))
def test_each_text_of_a_page_is_shown_by_a_script(name: str) -> None:
    assert re.search(rf'"{name}"|\b{name}: ', ALL_CODE)


@pytest.mark.parametrize("script", sorted(SCRIPTS.glob("*.js")), ids=lambda script: script.name)
def test_scripts_hold_no_sentences(script: Path) -> None:
    assert SENTENCE.findall(code(script)) == []


def test_a_sentence_in_a_script_would_be_found() -> None:
    for line in ('say("Sent by mail")', "x = `Sending ${name}`", 'say("Gone.")'):
        assert SENTENCE.search(line), line
