"""Names as they are compared: whatever their case, their width and their blanks."""

from __future__ import annotations

from unicodedata import normalize


def folded(name: str) -> str:
    """Return the name in one spelling: `ＴＧ`, `Tg` and ` tg ` become `tg`."""
    # Folding the case can undo the normal form, so that is made anew.
    folds = normalize("NFKC", normalize("NFKC", name).casefold())
    return " ".join(folds.split())
