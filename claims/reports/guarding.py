"""Protection against formulas in exported text.

Excel, Calc and Sheets treat a cell that begins with certain characters as a formula, and a
customer may have written it. PostgreSQL puts an apostrophe in front of such text.
"""

from typing import Final

FORMULA_STARTS: Final = "=+-@\t\r\n\v\f"
"""The characters that begin a formula or break out of the cell."""
WIDE_STARTS: Final = "\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212"
"""The same signs in full width and in small form, and the minus sign: some programs fold them."""
BLANKS: Final = (
    " \x1c\x1d\x1e\x1f\x85\xa0\xad\u1680\u180e\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
)
"""White space and invisible characters, which some programs skip in front of a sign."""


def _escaped(characters: str) -> str:
    return "".join(f"\\u{ord(character):04X}" for character in characters)


_DANGEROUS: Final = f"^[{_escaped(BLANKS)}]*[{_escaped(FORMULA_STARTS + WIDE_STARTS)}]"
# The first character's code decides nearly every text: a letter or a digit is safe, an ASCII sign
# isn't. The slow regular expression checks only the rest.
_GUARD: Final = (
    "CASE WHEN ascii({text}) BETWEEN 65 AND 122 OR ascii({text}) BETWEEN 48 AND 57 THEN {text}"
    " WHEN ascii({text}) IN (43, 45, 61, 64) THEN '''' || {text}"
    f" WHEN {{text}} ~ '{_DANGEROUS}' THEN '''' || {{text}} ELSE {{text}} END"
)


def guarded(text: str) -> str:
    """Return SQL for a text expression that no spreadsheet reads as a formula."""
    return _GUARD.format(text=text)
