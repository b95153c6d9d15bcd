"""A customer's reason as a reader sees it."""

import unicodedata

_INVISIBLE = frozenset({"Cc", "Cf"})


def readable(text: str) -> str:
    """`text` without invisible characters, runs of white space as one space, ends trimmed.

    Line breaks and tabs are control characters to Unicode but white space to a reader, so they
    become spaces. Use it to count and judge a reason; store what the customer wrote.
    """
    visible = (
        character
        for character in text
        if character.isspace() or unicodedata.category(character) not in _INVISIBLE
    )
    return " ".join("".join(visible).split())


def is_one_character_repeated(text: str) -> bool:
    """Whether nothing but one character, however often and however spaced, can be read."""
    return len(set(readable(text)) - {" "}) == 1
