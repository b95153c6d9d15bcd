"""The environment: its variables, each of which may also stand in a file that NAME_FILE names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import environ

from config.environment.refusals import refuse, refuse_if

MOST_BYTES: Final = 65_536
"""The largest file of a variable; nobody means a larger one."""


class Variables(Mapping[str, str]):
    """The variables, with the contents of files where NAME_FILE names one."""

    def __init__(self, around: Mapping[str, str]) -> None:
        self._around = around

    def __getitem__(self, name: str) -> str:
        path = self._around.get(f"{name}_FILE", "")
        if not path:
            return self._around[name]
        refuse_if(self._around.get(name), f"{name} or {name}_FILE must be set, not both.")
        return _read(f"{name}_FILE", Path(path))

    def __iter__(self) -> Iterator[str]:
        return iter(self._around)

    def __len__(self) -> int:
        return len(self._around)


def _read(name: str, path: Path) -> str:
    """Return the text of the file without the line's end."""
    demand = f"{name} must name a file that holds the value and that the portal can read"
    try:
        # A device or a pipe might never end.
        refuse_if(not path.is_file(), f"{demand}; {path} is none.")
        content = path.read_bytes()
        refuse_if(len(content) > MOST_BYTES, f"{demand}; {path} is too large.")
        text = content.decode().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        refuse(f"{demand}; {path} can't be read: {type(error).__name__}.")
    refuse_if(not text.strip(), f"{demand}; {path} is empty.")
    refuse_if("\0" in text, f"{demand}; {path} has a NUL in it.")
    return text


class Environment(environ.Env):  # type: ignore[misc]  # environ ships no types
    """The environment, in which a `$` is a character like any other.

    The library would take the value of another variable for a value that begins with one, and would
    print the rest of the secret if there is none.
    """

    def __init__(self, around: Mapping[str, str]) -> None:
        super().__init__()
        self.ENVIRON = Variables(around)

    def get_value(self, var: str, cast: Any = None, default: Any = None, **named: Any) -> Any:
        try:
            value = self.ENVIRON[var]
        except KeyError:
            return super().get_value(var, cast=cast, default=default, **named)
        return self.parse_value(value, cast)
