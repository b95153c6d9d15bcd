"""The folders of DATA_DIR."""

from pathlib import Path

import environ

from config.environment.refusals import refuse, refuse_if


def folder(env: environ.Env, name: str, *, default: Path) -> Path:
    text: str = env.str(name, default=str(default))
    refuse_if(not text.strip(), f"{name} must be the path of a folder.")
    return Path(text).resolve()


def made(name: str, path: Path) -> str:
    """Return the path of a folder of NAME, which is there from now on."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        refuse(f"{name} must be a folder that the portal can write in; {path}: {error.strerror}.")
    return str(path)
