"""Load the demo, or list the people in it."""

import argparse
import os
import sys

import django
from django.conf import settings

from config import demo
from config.environment.refusals import told_in_one_line

REFUSAL = "DEBUG is false: the demo's passwords are no secret. Not loaded."


def main(arguments: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    parser = argparse.ArgumentParser(prog="python -m config.demo", description=__doc__)
    parser.add_argument(
        "--people", action="store_true", help="only list who can sign in, and their password"
    )
    asked = parser.parse_args(arguments)
    if not settings.DEBUG:
        print(f"error: {REFUSAL}", file=sys.stderr)
        return 1
    django.setup()
    if asked.people:
        print(*demo.sign_ins(), sep="\n")
    else:
        demo.load(say=print)
    return 0


if __name__ == "__main__":
    with told_in_one_line():
        sys.exit(main(sys.argv[1:]))
