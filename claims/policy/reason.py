"""A customer's reason as a reader sees it."""

import unicodedata

# Control and format characters, and private and unassigned ones, for which no font has a glyph.
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cn"})
# Fillers, blanks and joiners that Unicode files under letters, marks and symbols.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0").union(
    map(chr, range(0xFE00, 0xFE10)), map(chr, range(0xE0100, 0xE01F0))
)


def readable(text: str) -> str:
    """Return `text` without invisible characters, with single spaces and trimmed ends.

    Line breaks and tabs are control characters to Unicode but white space to a reader, so they
    become spaces. Use it to count and judge a reason; store what the customer wrote.
    """
    if text.isascii() and text.isprintable():  # most texts are, and have nothing to drop
        return " ".join(text.split())
    visible = (
        character for character in text if character.isspace() or not _is_invisible(character)
    )
    return " ".join("".join(visible).split())


def _is_invisible(character: str) -> bool:
    return character in _BLANK or unicodedata.category(character) in _INVISIBLE


def is_one_character_repeated(text: str) -> bool:
    """Return whether the text is one character, repeated with or without spaces."""
    return len(set(readable(text)) - {" "}) == 1
