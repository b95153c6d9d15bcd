"""The reader of the log's form."""

import environ

from config.environment.refusals import refuse_if


def log_format(env: environ.Env, name: str, *, default: str, debug: bool) -> str:
    """Return `json` or `lines`. Lines hold whole messages, with names and addresses: demos only."""
    chosen: str = env.str(name, default=default) or ("lines" if debug else "json")
    refuse_if(chosen not in ("json", "lines"), f"{name} must be json or lines.")
    refuse_if(chosen == "lines" and not debug, f"DEBUG is false: {name} must be json.")
    return chosen
