"""A warm parent of processes: python -m tests.warm, one line of JSON for each order on stdin.

Importing the portal takes a process longer than most tests. This process does it once and forks a
child for each command. The child takes over the environment that it is given, reads the settings
anew, and becomes `python -m MODULE` or `python SCRIPT`, like a process that was started by hand.

Orders: `{"start": [argument, …], "environment": {…}, "log": path}` answers the child's id;
`{"poll": id}` answers how it ended, as `Popen.poll` does, or null. When stdin ends, all children
are killed.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import signal
import sys
from contextlib import suppress
from importlib import import_module
from typing import Any

import django
from django.conf import settings
from django.db import connections
from django.test.signals import setting_changed
from django.urls import get_resolver
from django.utils.functional import empty

PRELOADED = (
    "config.urls",
    "django.core.handlers.wsgi",
    "django.core.management",
    "granian.cli",
    "granian.server",
    "procrastinate.contrib.django.management.commands.procrastinate",
    "psycopg_pool",
    "standardwebhooks",
)


def warm_up() -> None:
    """Import all modules of the portal's processes, except those that start something."""
    django.setup()
    for module in (*PRELOADED, *(name.rpartition(".")[0] for name in settings.MIDDLEWARE)):
        import_module(module)
    get_resolver()._populate()
    assert all(made.connection is None for made in connections.all(initialized_only=True))
    gc.freeze()


def take_over(environment: dict[str, str]) -> None:
    """Turn this process into one that was started with `environment`."""
    os.environ.clear()
    os.environ.update(environment)
    before = {name: getattr(settings, name) for name in dir(settings) if name.isupper()}
    for module in {environment["DJANGO_SETTINGS_MODULE"], "config.settings"}:
        sys.modules.pop(module, None)
    settings._wrapped = empty
    # Hash passwords quickly: a real hash is slow on purpose.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    handler: Any = connections
    for made in connections.all(initialized_only=True):
        del connections[made.alias]
    vars(handler).pop("settings", None)
    handler._settings = None
    for name in filter(str.isupper, dir(settings)):
        value = getattr(settings, name)
        # Django warns of tests that change their database; this process has none yet.
        if name != "DATABASES" and value != before.get(name):
            setting_changed.send(None, setting=name, value=value, enter=True)


def become(arguments: list[str]) -> None:
    """Run what the interpreter would run with these arguments."""
    if arguments[0] == "-m":
        sys.argv = arguments[1:]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = arguments
        runpy.run_path(arguments[0], run_name="__main__")


def redirect(log: str) -> None:
    """Redirect the output, away from the parent's pipes."""
    sys.stdout.flush()
    nothing = os.open(os.devnull, os.O_RDONLY)
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.close(nothing)
    os.close(output)


def poll(child: int) -> int | None:
    ended, status = os.waitpid(child, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def main() -> None:
    warm_up()
    children: set[int] = set()
    for line in sys.stdin:
        order: dict[str, Any] = json.loads(line)
        if "poll" in order:
            answer = poll(order["poll"])
            if answer is not None:
                children.discard(order["poll"])
        else:
            answer = os.fork()
            if answer == 0:
                signal.signal(signal.SIGINT, signal.default_int_handler)
                redirect(order["log"])
                take_over(order["environment"])
                return become(order["start"])
            children.add(answer)
        print(json.dumps(answer), flush=True)
    for child in children:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    return None


if __name__ == "__main__":
    # Ctrl-C is for the process that runs the tests; this process ends at the end of its stdin.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    main()
