"""The demo: people, orders for every clause of the policy, and a queue of claims with files.

`make run` loads it, and `python -m config.demo` too. Loading it twice changes nothing.
"""

from collections.abc import Callable
from importlib import import_module

from django.utils import timezone

# The demo's modules import models, so they are imported only after the apps are set up.


def load(*, say: Callable[[str], object]) -> None:
    """Load the demo unless it is there. The apps must be set up."""
    loading = import_module("config.demo.loading")
    if not loading.is_loaded():
        loading.load(now=timezone.now(), say=say)


def sign_ins() -> list[str]:
    """Return a line for each person who can sign in, with their password and their purpose."""
    cast = import_module("config.demo.people")
    return [f"{each.email:26} {cast.PASSWORD}  {each.what_for}" for each in cast.PEOPLE]
